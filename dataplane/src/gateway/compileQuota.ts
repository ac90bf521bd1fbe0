import type { Quota } from '@gatehouse/contract'
import { Calendar } from '../policy/calendar.ts'
import { DividedMeter } from '../policy/dividedMeter.ts'
import { calendarMeter, meterOf, type Meter } from '../policy/meter.ts'
import { needsPrincipal, type KeyPlan } from '../policy/quotaKeys.ts'
import type { QuotaCheck, QuotaCost, Rate } from '../policy/quotas.ts'
import type { Fleet } from '../state/fleet.ts'
import type { Lease } from '../state/lease.ts'
import type { Meters } from '../state/meters.ts'
import { toldRate } from './toldRate.ts'

/** A quota and its counters. */
export interface CompiledQuota {
  readonly check: Omit<QuotaCheck, 'level' | 'keys'> & { readonly keys: Omit<KeyPlan, 'level'> }
  readonly needsPrincipal: boolean
  /** Whether it is in Shadow by itself. */
  readonly tried: boolean
  /** Whether all data planes count it together, and how; null = this one for itself. */
  readonly shared: Quota['shared']
  readonly leases: readonly Lease<unknown>[]
}

/** Whose quota it is. */
export interface QuotaOwner {
  readonly namespace: string
  /** `namespace/name` of the policy. */
  readonly policy: string
  /** The policy, or its trial, which has counters of its own (M9). */
  readonly owner: string
  readonly tried: boolean
}

/** A meter before it has its counter. */
interface Draft {
  readonly identity: readonly unknown[]
  readonly meter: Meter
  readonly told: Rate['told']
}

type RateSpec = Quota['rates'][number]

/** Where quotas are counted, and with whom they are shared. */
interface Counting {
  readonly meters: Meters
  readonly fleet: Fleet
}

const divided = (draft: Draft, least: number, fleet: Fleet): Draft => ({
  ...draft,
  meter: new DividedMeter(draft.meter, least, fleet),
})

/** The most that one request costs. */
export const mostOf = ({ default: standard, byMethod }: QuotaCost): number =>
  Math.max(standard, ...(byMethod?.values() ?? []))

/** @throws RangeError for a calendar whose time zone is not known */
export function compileQuota(
  quota: Quota,
  { namespace, policy, owner, tried }: QuotaOwner,
  { meters, fleet }: Counting,
): CompiledQuota {
  const keys = countedBy(quota)
  const identityOf = (...rest: readonly unknown[]) => JSON.stringify([owner, quota.name, keys, ...rest])
  const cost = costOf(quota.cost)
  // What is tried beside decisions asks nobody (M9), and counts here.
  const shared = owner === policy ? quota.shared : null
  const divides = quota.scope === 'Gateway' || (quota.shared !== null && shared === null)
  const own = (draft: Draft): Draft => (divides ? divided(draft, mostOf(cost), fleet) : draft)
  const base = (quota.calendar === null ? ratesOf(quota, quota.rates) : [calendarOf(quota, quota.calendar)]).map(own)
  const plans = quota.plans.map(({ name, rates }) => ({ name, drafts: ratesOf(quota, rates).map(own) }))
  const leases = new Map<string, ReturnType<Meters['acquire']>>()
  const all = [...base, ...plans.flatMap(({ drafts }) => drafts)]
  for (const { identity } of all) {
    const name = identityOf(...identity)
    if (leases.has(name)) continue
    const sharing = all.filter((draft) => identityOf(...draft.identity) === name)
    // What all count together is counted here by parts, while nothing is known of the store.
    const here = shared === null ? sharing : sharing.map((draft) => divided(draft, mostOf(cost), fleet))
    leases.set(name, meters.acquire(name, { namespace, slowest: slowestOf(here.map(({ meter }) => meter)) }))
  }
  const ready = ({ identity, meter, told }: Draft): Rate => ({
    meter,
    told,
    table: leases.get(identityOf(...identity))!.value,
    counter: identityOf(...identity),
  })
  const header = keys.find((key) => key.type === 'Header')
  const memory = Math.max(...all.map(({ meter }) => timeToForget(meter)))
  const values = header && meters.acquireValues(identityOf(), { namespace, memory })
  return {
    check: {
      quota: quota.name,
      policy,
      namespace,
      keys: {
        parts: keys.filter((key) => key.type !== 'Header'),
        header: header && values ? { name: header.name, values: values.value } : null,
      },
      rates: base.map(ready),
      plans: plans.length === 0 ? null : new Map(plans.map(({ name, drafts }) => [name, drafts.map(ready)])),
      cost,
    },
    needsPrincipal: needsPrincipal(quota),
    tried,
    shared,
    leases: [...leases.values(), ...(values ? [values] : [])],
  }
}

/** A plan is one of a principal's, which two callers of one tenant need not share. */
const countedBy = ({ keys, plans }: Quota): Quota['keys'] =>
  plans.length === 0 || keys.some(({ type }) => type === 'Principal') ? keys : [...keys, { type: 'Principal' }]

/** A counter is known by policy, quota, keys, algorithm and window (M16), so a new limit, burst, cost or plan keeps it. */
const ratesOf = ({ name, algorithm }: Quota, rates: readonly RateSpec[]): Draft[] =>
  rates.map((rate, index) => {
    const twins = rates.slice(0, index).filter(({ window }) => window === rate.window).length
    const label = rates.length === 1 ? name : `${name}-${rate.window}ms${twins === 0 ? '' : `-${twins}`}`
    return {
      identity: [algorithm, rate.window, twins],
      meter: meterOf(algorithm, rate),
      told: toldRate(name, { label, limit: rate.limit, window: rate.window }),
    }
  })

const calendarOf = ({ name }: Quota, { limit, period, timeZone }: NonNullable<Quota['calendar']>): Draft => ({
  identity: ['Calendar', period, timeZone],
  meter: calendarMeter(limit, new Calendar(period, timeZone)),
  told: toldRate(name, { label: name, limit, window: null }),
})

/** Of meters that differ in limit and burst. */
const slowestOf = (meters: readonly Meter[]): Meter =>
  meters.reduce((slowest, meter) => (meter.limit < slowest.limit ? meter : slowest))

/** A month and a day. */
const longestPeriod = 32 * 86_400_000_000

/** Microseconds until a key that nobody asks for is full again. */
const timeToForget = ({ calendar, tick, ticks, limit, burst }: Meter): number =>
  calendar === null ? tick * ticks * 2 * Math.max(1, Math.ceil(burst / limit)) : longestPeriod

/** What GET costs is what HEAD costs, where nothing else is said. */
function costOf({ default: standard, byMethod, responseHeader }: Quota['cost']): QuotaCost {
  const costs = new Map<string, number>()
  for (const { methods, cost } of byMethod)
    for (const method of methods) if (!costs.has(method)) costs.set(method, cost)
  const get = costs.get('GET')
  if (get !== undefined && !costs.has('HEAD')) costs.set('HEAD', get)
  return { default: standard, byMethod: costs.size === 0 ? null : costs, weight: responseHeader }
}
