import { usageError } from '../exit.ts'
import type { Attributes } from './entry.ts'

const units: { readonly [unit: string]: number } = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a text such as `90d`, `12h` or `30m`. */
export function spanOf(flag: string, text: string, { zero = false } = {}): number {
  const parts = /^(\d{1,6})([smhd])$/.exec(text)
  const span = Number(parts?.[1]) * (units[parts?.[2] ?? ''] ?? NaN)
  if (span > 0 || (zero && span === 0)) return span
  throw usageError(`--${flag} needs a time such as 90d, 12h or 30m, not "${text}"`)
}

const labelForm =
  /^(([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)=([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/

/** Labels of a Secret that is made; by default its own name, which providers can select by. */
export function labelsOf(labels: readonly string[] | undefined, secret: string): Readonly<Record<string, string>> {
  const pairs = (labels ?? []).map((text): [string, string] => {
    const parts = labelForm.exec(text)
    if (parts?.[1] === undefined || parts[4] === undefined) throw usageError(`--label needs KEY=VALUE, not "${text}"`)
    return [parts[1], parts[4]]
  })
  return pairs.length > 0 ? Object.fromEntries(pairs) : { 'gatehouse.dev/api-keys': secret.slice(0, 63) }
}

interface AttributeFlags {
  readonly role?: readonly string[] | undefined
  readonly scope?: readonly string[] | undefined
  readonly tenant?: string | undefined
  readonly plan?: string | undefined
}

const maxLength = 256
const maxListed = 64

/** What a client is given; as much as an entry may hold. */
export function attributesOf({ role = [], scope = [], tenant, plan }: AttributeFlags): Attributes {
  const all = { role, scope, tenant: tenant === undefined ? [] : [tenant], plan: plan === undefined ? [] : [plan] }
  for (const [flag, values] of Object.entries(all)) {
    const sound = values.length <= maxListed && values.every((text) => text !== '' && text.length <= maxLength)
    if (!sound) throw usageError(`--${flag} needs 1 to ${maxLength} characters, and at most ${maxListed} of them`)
  }
  return { roles: role, scopes: scope, tenant, plan }
}
