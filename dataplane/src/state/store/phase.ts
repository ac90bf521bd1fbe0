import type { Calendar } from '../../policy/calendar.ts'
import type { Meter } from '../../policy/meter.ts'

/** What one meter of a phase is asked in the store. */
export interface SharedMeter {
  /** Of the counter; two of one phase never share one. */
  readonly key: string
  readonly meter: Meter
  /** Units. */
  readonly cost: number
  /** Units that are taken when there is room for more than the cost. */
  readonly most: number
}

/** How one meter stands after a phase. */
export interface SharedCount {
  /** Units; 0 when the phase did not pass. */
  readonly taken: number
  /** Microseconds until the cost fits; 0 = it does. */
  readonly wait: number
  /** Units. */
  readonly remaining: number
  /** Microseconds until more remains. */
  readonly reset: number
}

export interface SharedPhase {
  readonly passed: boolean
  /** In the order of the question; null = it is not known, for another meter refuses without the store. */
  readonly counts: readonly (SharedCount | null)[]
}

/** What the store itself says: how every meter stands. */
export interface StorePhase extends SharedPhase {
  readonly counts: readonly SharedCount[]
}

/** `ask`: each meter is charged or none is. `weigh`: each is, and what does not fit is owed. */
export type PhaseMode = 'ask' | 'weigh'

const letters = { TokenBucket: 'T', SlidingWindow: 'S', FixedWindow: 'F' } as const

const fixedParts = new WeakMap<Meter, readonly string[]>()

/** What of a meter never changes, written once. */
function fixedPart(meter: Meter): readonly string[] {
  let part = fixedParts.get(meter)
  if (part === undefined) {
    const { algorithm, limit, burst, tick, ticks } = meter
    part = [letters[algorithm], String(limit), String(burst), String(tick), String(ticks)]
    fixedParts.set(meter, part)
  }
  return part
}

const noPeriod: readonly string[] = ['0', '0', '0', '0']

interface Periods {
  readonly start: number
  readonly end: number
  readonly part: readonly string[]
}

const periodsOf = new WeakMap<Calendar, Periods>()

/** The store picks by its own clock, so it is told of the present period and both its neighbours. @param now - microseconds */
function periodPart(calendar: Calendar, now: number): readonly string[] {
  const known = periodsOf.get(calendar)
  if (known !== undefined && now >= known.start && now < known.end) return known.part
  const number = calendar.numberAt(now)
  const { start, end } = calendar
  calendar.numberAt(end)
  const part = [number, start, end, calendar.end].map(String)
  periodsOf.set(calendar, { start, end, part })
  return part
}

/** @param now - microseconds since the epoch, for calendars alone */
export function phaseValues(mode: PhaseMode, meters: readonly SharedMeter[], now: () => number): string[] {
  const values: string[] = [mode]
  for (const { meter, cost, most } of meters) {
    values.push(...fixedPart(meter), String(cost), String(most))
    values.push(...(meter.calendar === null ? noPeriod : periodPart(meter.calendar, now())))
  }
  return values
}

const fieldsPerMeter = 4

/**
 * Reads an answer, and believes none that the script cannot have given.
 *
 * @returns null when it is malformed
 */
export function readPhase(reply: unknown, meters: readonly SharedMeter[]): StorePhase | null {
  if (!Array.isArray(reply) || reply.length !== 1 + fieldsPerMeter * meters.length) return null
  const numbers = reply as readonly unknown[]
  if (!numbers.every(isCount) || numbers[0]! > 1) return null
  const passed = numbers[0] === 1
  const counts = meters.map((_meter, index): SharedCount => {
    const [taken, wait, remaining, reset] = numbers.slice(1 + index * fieldsPerMeter)
    return { taken: taken!, wait: wait!, remaining: remaining!, reset: reset! }
  })
  return counts.every((count, index) => mayBe(count, meters[index]!, passed)) &&
    passed !== counts.some(({ wait }) => wait > 0)
    ? { passed, counts }
    : null
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const mayBe = ({ taken, wait, remaining }: SharedCount, { meter, cost, most }: SharedMeter, passed: boolean): boolean =>
  (passed ? taken >= cost && taken <= Math.max(cost, most) && wait === 0 : taken === 0) &&
  remaining <= Math.max(meter.limit, meter.burst)
