import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calendar } from './calendar.ts'
import {
  calendarMeter,
  cellsOf,
  charge,
  fitsAt,
  giveBack,
  isBack,
  meterOf,
  mostUnits,
  remainingOf,
  resetOf,
  settle,
  weigh,
  type Meter,
} from './meter.ts'
import { slowMeter } from './slowMeterFixture.ts'

const algorithms = ['TokenBucket', 'SlidingWindow', 'FixedWindow'] as const
const algorithm = fc.constantFrom(...algorithms)
const second = 1_000_000

const cellsFor = (meter: Meter) => new Float64Array(cellsOf[meter.algorithm])

/** Charges a cost if it fits. @returns microseconds to wait; 0 = it did fit */
function ask(meter: Meter, cells: Float64Array, cost: number, now: number): number {
  settle(meter, cells, 0, now)
  const wait = Math.max(0, fitsAt(meter, cells, 0, cost) - now)
  if (wait === 0) charge(meter, cells, 0, cost)
  return wait
}

/** How many of `tries` fit at one moment. */
const passes = (meter: Meter, cells: Float64Array, now: number, tries = 100): number =>
  Array.from({ length: tries }, () => ask(meter, cells, 1, now)).filter((wait) => wait === 0).length

/** A small meter whose windows are few ticks long, so that every edge of one is met. */
const small = fc.record({
  algorithm,
  limit: fc.integer({ min: 1, max: 20 }),
  burst: fc.integer({ min: 1, max: 30 }),
  tick: fc.constantFrom(1, 7),
  ticks: fc.integer({ min: 1, max: 12 }),
  calendar: fc.constant(null),
})

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('ask' as const), cost: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), for: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('weigh' as const), cost: fc.integer({ min: 0, max: 50 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('edit' as const),
      limit: fc.integer({ min: 1, max: 20 }),
      burst: fc.integer({ min: 1, max: 30 }),
    }),
  },
)

describe('a meter', () => {
  it.each(algorithms)('never has room for a cost beyond its limit, also where nothing was taken: %s', (kind) => {
    const meter = meterOf(kind, { limit: 2, burst: 2, window: 1000 })
    expect(ask(meter, cellsFor(meter), 3, 0)).toBeGreaterThan(0)
  })

  it('counts as the slow model does, edits and debts included', () => {
    fc.assert(
      fc.property(small, fc.array(step, { maxLength: 60 }), (first, steps) => {
        let meter: Meter = first
        const cells = cellsFor(meter)
        const model = slowMeter(meter)
        let now = 0
        for (const one of steps) {
          const ticks = Math.floor(now / meter.tick)
          if (one.type === 'wait') now += one.for
          else if (one.type === 'weigh') {
            settle(meter, cells, 0, now)
            weigh(meter, cells, 0, one.cost)
            model.owe(one.cost, ticks)
          } else if (one.type === 'edit') {
            settle(meter, cells, 0, now)
            meter = { ...meter, limit: one.limit, burst: one.burst }
            model.limit(one.limit, one.burst, ticks)
          } else {
            const fits = model.fits(one.cost, ticks)
            expect(ask(meter, cells, one.cost, now) === 0).toBe(fits)
            if (fits) model.take(one.cost, ticks)
          }
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('tells how long to wait: at that moment it fits, and a tick before it did not', () => {
    fc.assert(
      fc.property(
        small,
        fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 4 })), { maxLength: 30 }),
        (meter, asks) => {
          const cells = cellsFor(meter)
          let now = 0
          for (const [pause, cost] of asks) {
            now += pause
            const wait = ask(meter, cells, cost, now)
            const most = meter.algorithm === 'TokenBucket' ? meter.burst : meter.limit
            if (wait === 0 || cost > most) continue
            const early = cells.slice()
            settle(meter, early, 0, now + wait - 1)
            expect(fitsAt(meter, early, 0, cost)).toBeGreaterThan(now + wait - 1)
            const late = cells.slice()
            settle(meter, late, 0, now + wait)
            expect(fitsAt(meter, late, 0, cost)).toBeLessThanOrEqual(now + wait)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('gives back as if it had not been taken', () => {
    fc.assert(
      fc.property(small, fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 5 }), (meter, before, after, cost) => {
        const cells = cellsFor(meter)
        ask(meter, cells, 1, 0)
        const untouched = cells.slice()
        if (ask(meter, cells, cost, before) > 0) return
        settle(meter, cells, 0, before + after)
        giveBack(meter, cells, 0, { cost, when: before })
        settle(meter, untouched, 0, before + after)
        expect(remainingOf(meter, cells, 0, before + after)).toBe(remainingOf(meter, untouched, 0, before + after))
      }),
      { numRuns: 2000 },
    )
  })

  it('is back only when it refuses nothing that a new one would not', () => {
    fc.assert(
      fc.property(small, fc.nat(50), fc.nat(200), (meter, debt, pause) => {
        const cells = cellsFor(meter)
        settle(meter, cells, 0, 0)
        weigh(meter, cells, 0, debt)
        const back = isBack(meter, cells, 0, pause)
        settle(meter, cells, 0, pause)
        const used = [...cells].slice(1).some((cell) => cell > 0)
        expect(back).toBe(!used)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(algorithms)('counts in whole numbers at the greatest limits: %s', (name) => {
    const hours = 99_999 * 3_600_000
    for (const window of [1, 4001, 60_000, hours]) {
      const meter = meterOf(name, { limit: mostUnits, window, burst: mostUnits })
      const cells = cellsFor(meter)
      const now = 1_800_000_000_000_000
      expect(ask(meter, cells, mostUnits, now)).toBe(0)
      expect(ask(meter, cells, 1, now)).toBeGreaterThan(0)
      for (let index = 0; index < 20_000; index++) weigh(meter, cells, 0, 1_000_000)
      settle(meter, cells, 0, now + meter.tick * Math.ceil(meter.ticks * 1.5))
      expect([...cells].every(Number.isSafeInteger)).toBe(true)
      expect(meter.tick * meter.ticks).toBe(window * 1000)
    }
  })
})

describe('TokenBucket', () => {
  const meter = meterOf('TokenBucket', { limit: 10, window: 1000, burst: 5 })

  it('lets a burst through, then what comes back', () => {
    const cells = cellsFor(meter)
    expect([0, 99, 100, 400, 100_000].map((ms) => passes(meter, cells, ms * 1000))).toEqual([5, 0, 1, 3, 5])
  })

  it('says what is left and when there is more', () => {
    const cells = cellsFor(meter)
    expect(resetOf(meter, cells, 0, 0)).toBe(0)
    ask(meter, cells, 2, 0)
    expect([remainingOf(meter, cells, 0, 0), resetOf(meter, cells, 0, 0)]).toEqual([3, 100_000])
    settle(meter, cells, 0, 40_000)
    expect([remainingOf(meter, cells, 0, 40_000), resetOf(meter, cells, 0, 40_000)]).toEqual([3, 60_000])
  })

  it('never lets more than burst and limit through in any second', () => {
    const cells = cellsFor(meter)
    const admitted: number[] = []
    for (let now = 0; now < 5 * second; now += 7001) if (ask(meter, cells, 1, now) === 0) admitted.push(now)
    for (const from of admitted)
      expect(admitted.filter((at) => at >= from && at < from + second).length).toBeLessThanOrEqual(15)
    expect(admitted.length).toBeGreaterThanOrEqual(5 + 49 - 1)
  })
})

describe('SlidingWindow', () => {
  const meter = meterOf('SlidingWindow', { limit: 10, window: 1000, burst: 10 })

  it('counts what was taken before by the share that still lies in the last window', () => {
    const cells = cellsFor(meter)
    expect(passes(meter, cells, 900_000)).toBe(10)
    expect(passes(meter, cells, 1_000_000)).toBe(0)
    expect(passes(meter, cells, 1_500_000)).toBe(5)
    expect(passes(meter, cells, 2_000_000)).toBe(5)
    expect(passes(meter, cells, 9_000_000)).toBe(10)
  })

  it('admits at most twice the limit in any window, and the limit over the long run', () => {
    const cells = cellsFor(meter)
    const admitted: number[] = []
    for (let now = 0; now < 20 * second; now += 10_007) if (ask(meter, cells, 1, now) === 0) admitted.push(now)
    for (const from of admitted)
      expect(admitted.filter((at) => at >= from && at < from + second).length).toBeLessThanOrEqual(20)
    expect(admitted.length).toBeLessThanOrEqual(200)
    expect(admitted.length).toBeGreaterThanOrEqual(180)
  })
})

describe('FixedWindow', () => {
  const meter = meterOf('FixedWindow', { limit: 3, window: 1000, burst: 3 })

  it('begins anew at multiples of the window', () => {
    const cells = cellsFor(meter)
    expect([999_999, 1_000_000, 1_999_999, 2_000_000].map((now) => passes(meter, cells, now))).toEqual([3, 3, 0, 3])
    expect(resetOf(meter, cells, 0, 2_400_000)).toBe(600_000)
  })

  it('has what is owed paid by the windows that follow, also by those in which nobody asked', () => {
    const cells = cellsFor(meter)
    settle(meter, cells, 0, 0)
    weigh(meter, cells, 0, 11)
    expect([0, 1, 2, 3, 4].map((window) => passes(meter, cells.slice(), window * second))).toEqual([0, 0, 0, 1, 3])
    expect([1, 2, 3, 4].map((window) => passes(meter, cells, window * second))).toEqual([0, 0, 1, 3])
  })
})

describe('a calendar', () => {
  const berlin = (period: 'Day' | 'Month') => calendarMeter(5, new Calendar(period, 'Europe/Berlin'))
  const at = (text: string): number => Date.parse(text) * 1000

  it.each([
    ['a day begins at midnight there', 'Day', '2026-07-01T21:59:59.999Z', '2026-07-01T22:00:00Z'],
    ['a day of 23 hours', 'Day', '2026-03-29T21:59:59.999Z', '2026-03-29T22:00:00Z'],
    ['a day of 25 hours', 'Day', '2026-10-25T22:59:59.999Z', '2026-10-25T23:00:00Z'],
    ['a month of 28 days', 'Month', '2026-02-28T22:59:59.999Z', '2026-02-28T23:00:00Z'],
    ['a month in which the clocks change', 'Month', '2026-03-31T21:59:59.999Z', '2026-03-31T22:00:00Z'],
    ['a year', 'Month', '2026-12-31T22:59:59.999Z', '2026-12-31T23:00:00Z'],
  ] as const)('%s', (...[, period, last, first]) => {
    const meter = berlin(period)
    const cells = cellsFor(meter)
    expect(passes(meter, cells, at(last))).toBe(5)
    expect(passes(meter, cells, at(last))).toBe(0)
    expect(resetOf(meter, cells, 0, at(last))).toBe(1000)
    expect(passes(meter, cells, at(first))).toBe(5)
  })

  it('pays a debt by as many months as it takes', () => {
    const meter = berlin('Month')
    const cells = cellsFor(meter)
    settle(meter, cells, 0, at('2026-01-10T00:00Z'))
    weigh(meter, cells, 0, 12)
    expect(passes(meter, cells.slice(), at('2026-02-10T00:00Z'))).toBe(0)
    expect(passes(meter, cells.slice(), at('2026-03-10T00:00Z'))).toBe(3)
  })
})

describe('a clock that goes back', () => {
  it.each(algorithms)('gives nothing again when it is a little: %s', (name) => {
    const meter = meterOf(name, { limit: 2, window: 1000, burst: 2 })
    const cells = cellsFor(meter)
    expect(passes(meter, cells, 5_000_000)).toBe(2)
    expect(passes(meter, cells, 4_999_000)).toBe(0)
    expect(passes(meter, cells, 5_000_000)).toBe(0)
  })

  it.each(algorithms)('locks nobody out when it is much, and keeps what was taken: %s', (name) => {
    const meter = meterOf(name, { limit: 2, window: 1000, burst: 2 })
    const cells = cellsFor(meter)
    expect(passes(meter, cells, 900_000_000)).toBe(2)
    expect(passes(meter, cells, 5_000_000)).toBe(0)
    expect(passes(meter, cells, 8_000_000)).toBe(2)
  })
})
