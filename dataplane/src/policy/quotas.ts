import type { QuotaState } from '../gateway/refusal.ts'
import type { MeterTable } from '../state/meterTable.ts'
import { believed } from './attributes.ts'
import { charge, fitsAt, giveBack, isAligned, remainingOf, resetOf, settle, type Meter } from './meter.ts'
import type { Moment } from './moment.ts'
import { keyOf, type KeyPlan, type QuotaSubject } from './quotaKeys.ts'
import { leastFirst, refusedFirst, stateOf } from './quotaStates.ts'

/** One rate of a quota, or its calendar. */
export interface Rate {
  readonly meter: Meter
  readonly table: MeterTable
  /** What answers say of it. */
  readonly told: QuotaState['rate']
  /** What names its counter among all of the installation (M16). */
  readonly counter: string
}

/** A quota in force. */
export interface QuotaCheck {
  readonly quota: string
  /** `namespace/name`. */
  readonly policy: string
  /** The policy's. */
  readonly namespace: string
  readonly level: number
  readonly keys: KeyPlan
  readonly rates: readonly Rate[]
  /** The rates of callers of a plan, in place of `rates`; null = there are no plans. */
  readonly plans: ReadonlyMap<string, readonly Rate[]> | null
  readonly cost: QuotaCost
}

/** Units that a request takes. 0 = it is not counted; or only asked whether there is a unit left, where its answer weighs. */
export interface QuotaCost {
  readonly default: number
  /** null = all methods cost the same. */
  readonly byMethod: ReadonlyMap<string, number> | null
  /** What of the answer says how much more it took; null = nothing. */
  readonly weight: { readonly name: string; readonly max: number } | null
}

/** What a phase came to. */
export interface QuotaVerdict {
  /** The quota that refuses longest; null = all have room, and are charged. */
  readonly refusing: QuotaCheck | null
  /** The rates that were asked, the one that refuses longest first, then those with the least left; empty = none was. */
  readonly states: readonly QuotaState[]
}

/** The rates of the phase that is counted, which needs no list of its own: nothing is awaited in between. */
const asked: {
  readonly checks: QuotaCheck[]
  readonly rates: Rate[]
  readonly places: number[]
  readonly costs: number[]
} = {
  checks: [],
  rates: [],
  places: [],
  costs: [],
}

/**
 * Charges every rate of every quota, or none (M8).
 *
 * @param checks - at least one
 */
export function takeUnits(checks: readonly QuotaCheck[], subject: QuotaSubject, now: Moment): QuotaVerdict {
  const count = find(checks, subject, now)
  let refusing = -1
  let longest = 0
  for (let index = 0; index < count; index++) {
    const { meter, table } = asked.rates[index]!
    const time = timeOf(meter, now)
    const place = asked.places[index]!
    settle(meter, table.cells, place, time)
    const wait = fitsAt(meter, table.cells, place, asked.costs[index]!) - time
    if (wait > longest) {
      refusing = index
      longest = wait
    }
  }
  if (refusing >= 0)
    return { refusing: asked.checks[refusing]!, states: refusedFirst(statesOf(count, now), refusing, longest) }
  for (let index = 0; index < count; index++) {
    const { meter, table } = asked.rates[index]!
    charge(meter, table.cells, asked.places[index]!, asked.costs[index]!)
  }
  return { refusing: null, states: count === 0 ? none : leastFirst(statesOf(count, now)) }
}

/** Gives back what {@link takeUnits} took of the same quotas from the same caller at a moment `then`. */
export function giveUnitsBack(checks: readonly QuotaCheck[], subject: QuotaSubject, then: Moment): void {
  for (const check of checks) {
    const cost = costOf(check, subject)
    if (cost === 0) continue
    const key = keyOf(check.keys, subject, then.steady)
    for (const { meter, table } of ratesFor(check, subject)) {
      const place = table.find(key)
      if (place !== null) giveBack(meter, table.cells, place, { cost, when: timeOf(meter, then) })
    }
  }
}

/** Fills {@link asked}. @returns how many rates there are */
function find(checks: readonly QuotaCheck[], subject: QuotaSubject, now: Moment): number {
  let count = 0
  for (let index = 0; index < checks.length; index++) {
    const check = checks[index]!
    const cost = costOf(check, subject)
    if (!isCounted(check, cost)) continue
    const key = keyOf(check.keys, subject, now.steady)
    const rates = ratesFor(check, subject)
    for (let rate = 0; rate < rates.length; rate++) {
      asked.checks[count] = check
      asked.rates[count] = rates[rate]!
      asked.places[count] = rates[rate]!.table.place(key, now)
      asked.costs[count] = cost
      count++
    }
  }
  return count
}

/** Where the principal's plan is not believed, not known or has no rates of its own, the quota's rates hold (M5). */
export function ratesFor({ rates, plans, level }: QuotaCheck, { principal }: QuotaSubject): readonly Rate[] {
  if (plans === null) return rates
  const plan = believed(principal, level)?.plan ?? null
  return (plan === null ? undefined : plans.get(plan)) ?? rates
}

/** Units; 0 = the request is not counted. */
export const costOf = ({ cost }: QuotaCheck, { method }: QuotaSubject): number =>
  cost.byMethod === null ? cost.default : (cost.byMethod.get(method) ?? cost.default)

/** Whether a request of this cost is counted; the answer may say later what it has cost. */
export const isCounted = ({ cost: { weight } }: QuotaCheck, cost: number): boolean => cost > 0 || weight !== null

const timeOf = (meter: Meter, now: Moment): number => (isAligned(meter) ? now.wall : now.steady)

const none: readonly QuotaState[] = []

function statesOf(count: number, now: Moment): QuotaState[] {
  if (count === 1) return [stateAt(0, now)]
  const states: QuotaState[] = []
  for (let index = 0; index < count; index++) states.push(stateAt(index, now))
  return states
}

function stateAt(index: number, now: Moment): QuotaState {
  const { meter, table, told } = asked.rates[index]!
  const place = asked.places[index]!
  const time = timeOf(meter, now)
  const remaining = remainingOf(meter, table.cells, place, time)
  return stateOf(told, remaining, resetOf(meter, table.cells, place, time))
}
