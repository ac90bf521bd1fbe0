import type { Clock } from '../clock.ts'
import type { QuotaState } from '../gateway/refusal.ts'
import type { SharedCount, SharedMeter } from '../state/store/phase.ts'
import type { StoreKeys } from '../state/store/keys.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'
import { present, type Moment } from './moment.ts'
import { namespaceOf } from './namespaceOf.ts'
import { keyOf, type QuotaSubject } from './quotaKeys.ts'
import { leastFirst, refusedFirst, stateOf } from './quotaStates.ts'
import { costOf, isCounted, ratesFor, takeUnits, type QuotaCheck, type QuotaVerdict, type Rate } from './quotas.ts'

/** A quota that all data planes count together. */
export interface SharedQuota {
  readonly check: QuotaCheck
  /** What becomes of requests while nothing is known of the store. */
  readonly onStoreFailure: 'Allow' | 'Deny' | 'LocalFallback'
  /** How much of a limit is taken at once, to be given out here, in percent; null = every request asks the store. */
  readonly sharePercent: number | null
  /** What this data plane counts by itself while nothing is known of the store: its share of the limit. */
  local(): QuotaCheck
}

/** What the shared quotas of a phase came to. */
export type SharedVerdict =
  | ({ readonly type: 'counted' } & QuotaVerdict)
  /** Nothing is known of the store, and this quota lets nobody pass without it. */
  | { readonly type: 'unavailable'; readonly check: QuotaCheck }

interface Counting {
  readonly store: SharedStore
  readonly clock: Clock
}

/** One rate of one quota, as it is asked. */
interface Asked {
  readonly check: QuotaCheck
  readonly rate: Rate
  readonly meter: SharedMeter
}

/**
 * Charges all shared quotas of a phase, or none (M8), in one call of the store.
 *
 * @param quotas - at least one
 */
export async function countShared(
  quotas: readonly SharedQuota[],
  subject: QuotaSubject,
  { store, clock }: Counting,
): Promise<SharedVerdict> {
  const { steady } = present(clock)
  const asked = quotas.flatMap((quota) => askedOf(quota, subject, store.keys, steady))
  if (asked.length === 0) return { type: 'counted', refusing: null, states: [] }
  const phase = await store.count(
    'ask',
    asked.map(({ meter }) => meter),
    namespaceOf(subject.route),
  )
  if (typeof phase === 'string') return withoutStore(quotas, subject, present(clock))
  return verdictOf(asked, phase.counts)
}

/** Charges a shared quota whether it fits or not. @returns whether the store has taken it */
export async function weighShared(
  { check }: SharedQuota,
  subject: QuotaSubject,
  units: number,
  { store, clock }: Counting,
): Promise<boolean> {
  const value = keyOf(check.keys, subject, present(clock).steady)
  const meters = ratesFor(check, subject).map(({ meter, counter }): SharedMeter => {
    return { key: store.keys.count(counter, value), meter, cost: units, most: units }
  })
  return typeof (await store.count('weigh', meters, namespaceOf(subject.route))) !== 'string'
}

function askedOf(
  { check, sharePercent }: SharedQuota,
  subject: QuotaSubject,
  keys: StoreKeys,
  steady: number,
): readonly Asked[] {
  const cost = costOf(check, subject)
  if (!isCounted(check, cost)) return []
  const value = keyOf(check.keys, subject, steady)
  // What answers say of their cost is known in the store alone: a share given out here would not see what is owed.
  const leases = sharePercent !== null && check.cost.weight === null
  return ratesFor(check, subject).map((rate) => {
    const { meter, counter } = rate
    const most = leases ? Math.max(cost, Math.floor((meter.limit * sharePercent) / 100)) : cost
    return { check, rate, meter: { key: keys.count(counter, value), meter, cost, most } }
  })
}

function verdictOf(asked: readonly Asked[], counts: readonly (SharedCount | null)[]): SharedVerdict {
  const states: QuotaState[] = []
  let refusing: QuotaCheck | null = null
  let [place, longest] = [-1, 0]
  for (const [index, { check, rate }] of asked.entries()) {
    const count = counts[index]
    if (!count) continue
    if (count.wait > longest) {
      refusing = check
      place = states.length
      longest = count.wait
    }
    states.push(stateOf(rate.told, count.remaining, count.reset))
  }
  return {
    type: 'counted',
    refusing,
    states: refusing === null ? leastFirst(states) : refusedFirst(states, place, longest),
  }
}

/** Each quota does what its author chose; what is counted here is counted by all that fall back, or by none. */
function withoutStore(quotas: readonly SharedQuota[], subject: QuotaSubject, now: Moment): SharedVerdict {
  const denying = quotas.find(
    ({ check, onStoreFailure }) => onStoreFailure === 'Deny' && isCounted(check, costOf(check, subject)),
  )
  if (denying !== undefined) return { type: 'unavailable', check: denying.check }
  const local = quotas.flatMap((quota) => (quota.onStoreFailure === 'LocalFallback' ? [quota.local()] : []))
  if (local.length === 0) return { type: 'counted', refusing: null, states: [] }
  return { type: 'counted', ...takeUnits(local, subject, now) }
}
