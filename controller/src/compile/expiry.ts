import { findingsOf, note } from './findings.ts'
import type { Finding } from './verdict.ts'

/** When a client's last API key ends. */
export interface Expiry {
  /** Name of the provider. */
  readonly provider: string
  /** The entry, such as `Secret keys /data/partner`. */
  readonly at: string
  /** Milliseconds since the epoch. */
  readonly end: number
}

/** Milliseconds before its end in which a key is about to expire. */
const warning = 7 * 86_400_000

const isPast =
  (now: number) =>
  ({ end }: Expiry): boolean =>
    end <= now

/** What changes as time passes: as long as it is the same for the same expiries, so are their findings. */
export const expiryWord = (expiries: readonly Expiry[], now: number): string =>
  `${expiries.filter(isPast(now)).length}/${expiries.filter(isPast(now + warning)).length}`

/** What there is to say at this time. @param now - milliseconds since the epoch */
export function expiryFindings(expiries: readonly Expiry[], now: number): readonly Finding[] {
  if (expiries.length === 0) return []
  const expired = expiries.filter(isPast(now))
  const expiring = expiries.filter(isPast(now + warning)).filter((one) => !expired.includes(one))
  const places = (some: readonly Expiry[]) => some.map(({ at }) => at)
  return findingsOf([
    ...(expiring.length > 0 ? [note('KeysExpiring', 'ApiKeyExpiring', ...places(expiring))] : []),
    ...(expired.length > 0 ? [note('KeysExpired', 'ApiKeyExpired', ...places(expired))] : []),
  ])
}

/** The soonest end that is still to come, by provider. @param now - milliseconds since the epoch */
export function soonestEnds(expiries: readonly Expiry[], now: number): ReadonlyMap<string, number> {
  const soonest = new Map<string, number>()
  for (const { provider, end } of expiries) {
    if (end > now) soonest.set(provider, Math.min(end, soonest.get(provider) ?? Infinity))
  }
  return soonest
}
