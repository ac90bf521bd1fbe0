import type { Quota } from '@gatehouse/contract'
import type { QuotaState } from '../gateway/refusal.ts'
import type { Bucket, BucketTable } from '../state/buckets.ts'
import { believed } from './attributes.ts'
import type { Principal } from './principal.ts'

/** One rate of one quota. */
export interface RateCheck {
  readonly quota: string
  readonly policy: string
  readonly level: number
  readonly keys: Quota['keys']
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
  readonly burst: number
  readonly table: BucketTable
}

/** What of a request can be a part of a key. */
export interface QuotaSubject {
  /** Canonical; IPv6 as its /64; null = not known. */
  readonly network: string | null
  /** `namespace/name`. */
  readonly route: string
  readonly principal: Principal | null
}

/** Whether a quota can be counted before the caller is known. */
export const needsPrincipal = (keys: Quota['keys']): boolean => keys.some((key) => key !== 'IP' && key !== 'Route')

/** One count for all requests that lack this part (M16); no value can be written like it. */
const lacking = '-'

/** What is counted by a key, at the level that says whom it believes. */
interface Keyed {
  readonly keys: Quota['keys']
  readonly level: number
}

/** Parts carry their length, so that no two keys can be written alike. */
export function keyOf(check: Keyed, subject: QuotaSubject): string {
  const principal = believed(subject.principal, check.level)
  let key = ''
  for (const type of check.keys) {
    const part = partOf(type, subject, principal)
    key += part === null ? lacking : `${part.length}:${part}`
  }
  return key
}

function partOf(type: Quota['keys'][number], subject: QuotaSubject, principal: Principal | null): string | null {
  switch (type) {
    case 'IP':
      return subject.network
    case 'Route':
      return subject.route
    case 'Principal':
      return principal?.id ?? null
    case 'APIKey':
      return principal?.clientId == null ? null : principal.id
    case 'Tenant':
      return principal?.tenant ?? null
  }
}

/** What a phase came to. */
export interface QuotaVerdict {
  readonly passed: boolean
  /** The rate that refuses longest, or of those that passed the one nearest to its limit. */
  readonly check: RateCheck
  readonly state: QuotaState
}

/** Rounding must not cost a token that came back to the millisecond. */
const tolerance = 1e-9

/**
 * Takes a token from every bucket, or from none (M8). Each bucket holds `burst` tokens and gets `limit` of them back in
 * each window.
 *
 * @param checks - at least one
 * @param now - monotonic, milliseconds
 */
export function takeTokens(checks: readonly RateCheck[], subject: QuotaSubject, now: number): QuotaVerdict {
  const buckets = new Array<Bucket>(checks.length)
  let refusing: RateCheck | null = null
  let longest = 0
  for (let index = 0; index < checks.length; index++) {
    const check = checks[index]!
    const bucket = (buckets[index] = check.table.bucket(keyOf(check, subject), now))
    drain(bucket, check, now)
    const wait = ((bucket.used + 1 - check.burst) * check.window) / check.limit
    if (bucket.used + 1 > check.burst + tolerance && wait > longest) {
      refusing = check
      longest = wait
    }
  }
  if (refusing !== null) return { passed: false, check: refusing, state: stateOf(refusing, 0, longest) }
  return taken(checks, buckets)
}

function taken(checks: readonly RateCheck[], buckets: readonly Bucket[]): QuotaVerdict {
  let nearest = 0
  let share = Infinity
  for (let index = 0; index < checks.length; index++) {
    const bucket = buckets[index]!
    bucket.used += 1
    const { burst } = checks[index]!
    const left = (burst - bucket.used) / burst
    if (left < share) {
      nearest = index
      share = left
    }
  }
  const check = checks[nearest]!
  const remaining = Math.max(0, check.burst - buckets[nearest]!.used)
  const whole = Math.floor(remaining + tolerance)
  return { passed: true, check, state: stateOf(check, whole, ((1 - (remaining - whole)) * check.window) / check.limit) }
}

/** What came back since the bucket was last looked at. */
function drain(bucket: Bucket, { limit, window }: RateCheck, now: number): void {
  if (now > bucket.at) {
    bucket.used = Math.max(0, bucket.used - ((now - bucket.at) * limit) / window)
    bucket.at = now
  }
}

const stateOf = ({ quota, limit, window }: RateCheck, remaining: number, reset: number): QuotaState => ({
  name: quota,
  limit,
  window,
  remaining,
  reset: Math.ceil(reset - tolerance),
})
