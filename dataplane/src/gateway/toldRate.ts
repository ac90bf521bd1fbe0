import type { ToldRate } from './refusal.ts'

const structuredString = /^[\x20-\x7e]*$/

/**
 * @param rate - `window` in milliseconds; null = it has no length of its own, as a month has none
 */
export function toldRate(
  quota: string,
  { label, limit, window }: { readonly label: string; readonly limit: number; readonly window: number | null },
): ToldRate {
  const name = structuredString.test(label) ? label : label.replaceAll(/[^\x20-\x7e]/g, '?')
  const item = `"${name.replaceAll(/["\\]/g, '\\$&')}"`
  const length = window === null ? '' : `;w=${Math.ceil(window / 1000)}`
  return { quota, item, policy: `${item};q=${limit}${length}`, limit, window }
}
