import type { AccessPolicySpec } from '@gatehouse/crds'
import type { Quota, QuotaKey } from '@gatehouse/contract'
import { milliseconds } from './durations.ts'
import { note, type Note } from './findings.ts'
import type { StoreView } from './quotaStore.ts'
import type { DividedLimit } from './verdict.ts'

type QuotaSpec = NonNullable<AccessPolicySpec['quotas']>[number]
type RateSpec = NonNullable<QuotaSpec['rates']>[number]

const keyOf = ({ type, name = '', path = [] }: QuotaSpec['keys'][number]): QuotaKey => {
  if (type === 'Header') return { type, name }
  return type === 'Claim' ? { type, path } : { type }
}

const rateOf = ({ limit, window, burst }: RateSpec): Quota['rates'][number] => ({
  limit,
  window: milliseconds(window),
  burst: burst ?? limit,
})

/** Whether days can be told there. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const isSound = ({ calendar }: QuotaSpec): boolean => calendar === undefined || isTimeZone(calendar.timeZone)

const costOf = (cost: QuotaSpec['cost']): Quota['cost'] => ({
  default: cost?.default ?? 1,
  byMethod: cost?.byMethod ?? [],
  responseHeader: cost?.responseHeader ?? null,
})

const sharedOf = ({ scope, onStoreFailure, precision }: QuotaSpec): Quota['shared'] =>
  // The schema asks for it.
  scope === 'Shared'
    ? { sharePercent: precision?.sharePercent ?? null, onStoreFailure: onStoreFailure ?? 'Deny' }
    : null

export const quotaOf = (quota: QuotaSpec): Quota => ({
  name: quota.name,
  keys: quota.keys.map(keyOf),
  algorithm: quota.algorithm ?? 'FixedWindow',
  scope: quota.scope,
  shared: sharedOf(quota),
  rates: (quota.rates ?? []).map(rateOf),
  calendar: quota.calendar ?? null,
  plans: (quota.plans ?? []).map(({ name, rates }) => ({ name, rates: rates.map(rateOf) })),
  cost: costOf(quota.cost),
  broken: !isSound(quota),
})

/** @returns the same where there is a store; without one, quotas that count there are broken (M7) */
export const withStore = (quotas: readonly Quota[], store: StoreView['state']): Quota[] =>
  quotas.map((quota) => (store === 'ready' || quota.shared === null ? quota : { ...quota, broken: true }))

/** The quotas that count in a store that is not there. */
export function storelessQuotas(quotas: readonly QuotaSpec[], store: StoreView['state']): readonly Note[] {
  const bad = quotas.flatMap(({ scope, mode }, index) =>
    scope === 'Shared' && mode !== 'Shadow' ? [`/spec/quotas/${index}/scope`] : [],
  )
  return store === 'ready' || bad.length === 0 ? [] : [note('PartiallyInvalid', 'NoQuotaStore', ...bad)]
}

/** What is wrong with quotas; one that is broken refuses what its policy covers (M7). */
export function quotaFaults(quotas: readonly QuotaSpec[]): readonly Note[] {
  const bad = quotas.flatMap((quota, index) => (isSound(quota) ? [] : [`/spec/quotas/${index}/calendar/timeZone`]))
  return bad.length === 0 ? [] : [note('PartiallyInvalid', 'InvalidTimeZone', ...bad)]
}

const mostOf = ({ cost }: QuotaSpec): number =>
  Math.max(1, cost?.default ?? 1, ...(cost?.byMethod ?? []).map((one) => one.cost))

/** Of how many data planes each has a part that one request fits into, for every limit that they divide. */
export const dividedQuotas = (quotas: readonly QuotaSpec[]): readonly DividedLimit[] =>
  quotas.flatMap((quota, index) => {
    if (quota.scope !== 'Gateway') return []
    const at = `/spec/quotas/${index}`
    const calendar = quota.calendar === undefined ? [] : [{ limit: quota.calendar.limit, at: `${at}/calendar/limit` }]
    const plans = (quota.plans ?? []).flatMap(({ rates }, plan) => limitsOf(rates, `${at}/plans/${plan}/rates`))
    return [...limitsOf(quota.rates ?? [], `${at}/rates`), ...calendar, ...plans].map(({ limit, at: place }) => ({
      limit: Math.floor(limit / mostOf(quota)),
      at: place,
    }))
  })

const limitsOf = (rates: readonly RateSpec[], at: string): readonly DividedLimit[] =>
  rates.flatMap(({ limit, burst }, index) => [
    { limit, at: `${at}/${index}/limit` },
    ...(burst === undefined ? [] : [{ limit: burst, at: `${at}/${index}/burst` }]),
  ])

const ratesAt = ({ rates, plans = [] }: QuotaSpec): number =>
  Math.max(rates?.length ?? 1, ...plans.map((plan) => plan.rates.length))

/** Counters of the store that one request asks at most. */
export const storedRates = (quotas: readonly QuotaSpec[]): number =>
  quotas
    .filter(({ scope, mode }) => scope === 'Shared' && mode !== 'Shadow')
    .reduce((sum, quota) => sum + ratesAt(quota), 0)
