import type { QuotaState } from '../gateway/refusal.ts'

const structuredString = /^[\x20-\x7e]*$/

/**
 * Adds RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11). Times are whole seconds, rounded up,
 * so that a client that waits as told is not early.
 */
export function pushRateLimit(headers: string[], quota: QuotaState): void {
  if (!structuredString.test(quota.name)) return
  const name = `"${quota.name.replaceAll(/["\\]/g, '\\$&')}"`
  headers.push(
    'ratelimit-policy',
    `${name};q=${quota.limit};w=${Math.ceil(quota.window / 1000)}`,
    'ratelimit',
    `${name};r=${Math.max(0, Math.floor(quota.remaining))};t=${Math.ceil(quota.reset / 1000)}`,
  )
}
