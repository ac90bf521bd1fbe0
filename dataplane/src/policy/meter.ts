import type { Calendar } from './calendar.ts'

/**
 * Counting by one key, in whole numbers below 2^53 throughout, so that a script of a store that computes in doubles comes to
 * the same last unit. Times are microseconds; of which clock is the caller's matter.
 *
 * What is known of a key are numbers beside each other, all 0 for a key that nothing was taken from:
 * - `TokenBucket`: the tick at which it was true, and what was taken and has not drained, in units times `ticks`;
 * - `FixedWindow`: the number of the window, what was taken in it, and what is owed beyond its limit;
 * - `SlidingWindow`: the same, and what was taken in the window before.
 */
export interface Meter {
  readonly algorithm: 'TokenBucket' | 'SlidingWindow' | 'FixedWindow'
  /** Units a window. */
  readonly limit: number
  /** Units that a bucket holds; the limit where there is no bucket. */
  readonly burst: number
  /** Microseconds of a tick. It depends on the window alone, so that a new limit or burst reads old numbers rightly. */
  readonly tick: number
  /** Ticks of a window. */
  readonly ticks: number
  /** Whose periods the windows of a `FixedWindow` are; null = multiples of the window since the epoch. */
  readonly calendar: Calendar | null
}

/** The numbers of many keys. */
export type Cells = Float64Array

/** How many numbers a key has. */
export const cellsOf = { TokenBucket: 2, FixedWindow: 3, SlidingWindow: 4 } as const satisfies Record<
  Meter['algorithm'],
  number
>

/** Greatest limit and burst. */
export const mostUnits = 1_000_000_000
/** `mostUnits` times this, twice, is still a whole number that a double holds. */
const mostTicks = 4_000_000
/** Of units times ticks; beyond nothing more is owed. */
const mostUsed = 8e15
const mostOwed = 1e12

/** @param window - milliseconds */
export function meterOf(
  algorithm: Meter['algorithm'],
  { limit, window, burst }: { readonly limit: number; readonly window: number; readonly burst: number },
): Meter {
  const length = window * 1000
  let tick = 1
  while (length / tick > mostTicks) tick *= 10
  return { algorithm, limit, burst, tick, ticks: Math.ceil(length / tick), calendar: null }
}

/** @returns counts by periods of a calendar */
export const calendarMeter = (limit: number, calendar: Calendar): Meter => ({
  algorithm: 'FixedWindow',
  limit,
  burst: limit,
  tick: 1,
  ticks: 1,
  calendar,
})

/** Whether it counts by the time of day, and not by time that passes. */
export const isAligned = ({ algorithm }: Meter): boolean => algorithm === 'FixedWindow'

/** The number of the window in which a moment lies. */
function windowAt({ tick, ticks, calendar }: Meter, now: number): number {
  if (calendar !== null) return calendar.numberAt(now)
  return Math.floor(Math.floor(now / tick) / ticks)
}

/**
 * Brings the numbers of a key up to a moment: what has come back is there again. A clock that went back by up to a window
 * changes nothing; from one that went further back all is counted anew, with what was taken.
 *
 * @param at - where the key's numbers begin
 */
export function settle(meter: Meter, cells: Cells, at: number, now: number): void {
  if (meter.algorithm === 'TokenBucket') drain(meter, cells, at, now)
  else roll(meter, cells, at, windowAt(meter, now))
}

function drain({ limit, tick, ticks }: Meter, cells: Cells, at: number, now: number): void {
  const time = Math.floor(now / tick)
  const passed = time - cells[at]!
  if (passed > 0) {
    const used = cells[at + 1]! - passed * limit
    cells[at + 1] = used > 0 ? used : 0
    cells[at] = time
  } else if (passed < -ticks) cells[at] = time
}

function roll(meter: Meter, cells: Cells, at: number, window: number): void {
  const passed = window - cells[at]!
  if (passed !== 0 && passed !== -1) {
    cells[at] = window
    if (passed > 0) turn(meter, cells, at, passed)
  }
  if (cells[at + 2]! > 0) pay(meter.limit, cells, at)
}

/** Each window that nobody asked in has paid of what was owed as much as it could. */
function turn({ algorithm, limit }: Meter, cells: Cells, at: number, passed: number): void {
  const used = cells[at + 1]!
  const owed = cells[at + 2]!
  const before = Math.max(0, owed - (passed - 2) * limit)
  cells[at + 1] = 0
  cells[at + 2] = passed === 1 ? owed : Math.max(0, before - limit)
  if (algorithm === 'SlidingWindow') cells[at + 3] = passed === 1 ? used : Math.min(before, limit)
}

function pay(limit: number, cells: Cells, at: number): void {
  const paid = Math.min(cells[at + 2]!, Math.max(0, limit - cells[at + 1]!))
  cells[at + 1] = cells[at + 1]! + paid
  cells[at + 2] = cells[at + 2]! - paid
}

/**
 * @param cost - units; 0 asks for one and takes none
 * @returns from when on so much fits into a settled key, if nothing else is taken; the past when it does now. For a cost that
 * never fits, and for what is owed, it is told too early
 */
export function fitsAt(meter: Meter, cells: Cells, at: number, cost: number): number {
  const { algorithm, limit, burst, tick, ticks } = meter
  const used = cells[at + 1]!
  const asked = cost === 0 ? 1 : cost
  if (algorithm === 'TokenBucket') {
    const over = used + (asked - burst) * ticks
    return over <= 0 ? 0 : (cells[at]! + Math.ceil(over / limit)) * tick
  }
  const free = limit - used - asked
  if (algorithm === 'FixedWindow') return free >= 0 ? 0 : endOf(meter, cells, at)
  const before = cells[at + 3]!
  if (free >= before) return 0
  const end = (cells[at]! + 1) * ticks
  // In this window once the one before counts little enough; else in the next, once this one does.
  if (free >= 0) return (end - Math.floor((free * ticks) / before)) * tick
  // A cost beyond the limit never fits, not even where nothing was taken.
  const later = used === 0 ? 0 : ticks - Math.floor((Math.max(0, limit - asked) * ticks) / used)
  return (end + Math.max(0, later)) * tick
}

/** When the window of a settled key ends, by the clock that it is counted by. */
const endOf = ({ tick, ticks, calendar }: Meter, cells: Cells, at: number): number =>
  calendar === null ? (cells[at]! + 1) * ticks * tick : calendar.end

/** Ticks of the key's window that have passed. */
function elapsedIn({ tick, ticks }: Meter, cells: Cells, at: number, now: number): number {
  const elapsed = Math.floor(now / tick) - cells[at]! * ticks
  return elapsed > 0 ? elapsed : 0
}

/** Takes what fits into a settled key. */
export function charge({ algorithm, ticks }: Meter, cells: Cells, at: number, cost: number): void {
  cells[at + 1] = cells[at + 1]! + (algorithm === 'TokenBucket' ? cost * ticks : cost)
}

/** Takes from a settled key whether it fits or not; what does not is owed. */
export function weigh({ algorithm, limit, ticks }: Meter, cells: Cells, at: number, cost: number): void {
  const used = cells[at + 1]!
  if (algorithm === 'TokenBucket') {
    cells[at + 1] = Math.min(mostUsed, used + cost * ticks)
    return
  }
  const fits = Math.min(cost, Math.max(0, limit - used))
  cells[at + 1] = used + fits
  cells[at + 2] = Math.min(mostOwed, cells[at + 2]! + cost - fits)
}

/** Gives back what was charged at a moment, as if it had not been. The key need not be settled. */
export function giveBack(
  meter: Meter,
  cells: Cells,
  at: number,
  { cost, when }: { readonly cost: number; readonly when: number },
): void {
  if (meter.algorithm === 'TokenBucket') return reduce(cells, at + 1, cost * meter.ticks)
  const passed = cells[at]! - windowAt(meter, when)
  if (passed <= 0) reduce(cells, at + 1, cost)
  else if (passed === 1 && meter.algorithm === 'SlidingWindow') reduce(cells, at + 3, cost)
}

function reduce(cells: Cells, index: number, by: number): void {
  cells[index] = Math.max(0, cells[index]! - by)
}

/** Whole units that a settled key has left. */
export function remainingOf(meter: Meter, cells: Cells, at: number, now: number): number {
  const { limit, burst, ticks } = meter
  const used = cells[at + 1]!
  if (meter.algorithm === 'TokenBucket') return Math.max(0, burst - Math.ceil(used / ticks))
  if (meter.algorithm === 'FixedWindow') return Math.max(0, limit - used)
  const counted = Math.ceil((cells[at + 3]! * (ticks - elapsedIn(meter, cells, at, now))) / ticks)
  return Math.max(0, limit - used - counted)
}

/** Microseconds until a settled key has more left: the next unit of a bucket, the end of a window. */
export function resetOf(meter: Meter, cells: Cells, at: number, now: number): number {
  if (meter.algorithm !== 'TokenBucket') return Math.max(0, endOf(meter, cells, at) - now)
  const { limit, tick, ticks } = meter
  const used = cells[at + 1]!
  if (used === 0) return 0
  const over = used % ticks
  return Math.max(0, (cells[at]! + Math.ceil((over === 0 ? ticks : over) / limit)) * tick - now)
}

/** Whether a key is as if nothing had ever been taken from it. */
export function isBack(meter: Meter, cells: Cells, at: number, now: number): boolean {
  const used = cells[at + 1]!
  const { algorithm, limit } = meter
  if (algorithm === 'TokenBucket') return used <= (Math.floor(now / meter.tick) - cells[at]!) * limit
  const owed = cells[at + 2]!
  const slides = algorithm === 'SlidingWindow'
  if (used === 0 && owed === 0 && !(slides && cells[at + 3]! > 0)) return true
  const passed = windowAt(meter, now) - cells[at]!
  if (!slides) return passed > 0 && owed <= (passed - 1) * limit
  return passed === 1 ? used === 0 && owed === 0 : passed > 1 && owed <= (passed - 2) * limit
}
