import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { charge, fitsAt, meterOf, settle, type Meter } from './meter.ts'
import { DividedMeter } from './dividedMeter.ts'
import { createFleet } from '../state/fleet.ts'

const second = 1_000_000

/** Data planes with a meter each, which come and go; each takes all it can whenever time passes. */
function dividing(whole: Meter) {
  const fleet = createFleet()
  const meter = new DividedMeter(whole, 1, fleet)
  const cells: Float64Array[] = []
  const takeAll = (now: number): number => {
    let taken = 0
    for (const one of cells) {
      settle(meter, one, 0, now)
      while (fitsAt(meter, one, 0, 1) <= now) {
        charge(meter, one, 0, 1)
        taken++
      }
    }
    return taken
  }
  return {
    takeAll,
    scale(count: number): void {
      fleet.adopt({ dataPlanes: count })
      while (cells.length < count) cells.push(new Float64Array(4))
      cells.length = count
    },
  }
}

const algorithm = fc.constantFrom('TokenBucket' as const, 'SlidingWindow' as const, 'FixedWindow' as const)

describe('DividedMeter', () => {
  it('gives at most the limit in all, and at least the whole shares, while the number stays', () => {
    fc.assert(
      fc.property(algorithm, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 8 }), (name, limit, count) => {
        fc.pre(limit >= count)
        const planes = dividing(meterOf(name, { limit, window: 1000, burst: limit }))
        planes.scale(count)
        const first = planes.takeAll(10 * second)
        expect(first).toBe(count * Math.floor(limit / count))
        expect(first).toBeLessThanOrEqual(limit)
      }),
    )
  })

  it('gives less than twice the limit in a window in which the number changes, and at most the bound', () => {
    fc.assert(
      fc.property(
        fc.record({
          name: fc.constantFrom('SlidingWindow' as const, 'FixedWindow' as const),
          limit: fc.integer({ min: 8, max: 200 }),
          before: fc.integer({ min: 1, max: 8 }),
          after: fc.integer({ min: 1, max: 8 }),
          at: fc.nat(999),
        }),
        ({ name, limit, before, after, at }) => {
          const planes = dividing(meterOf(name, { limit, window: 1000, burst: limit }))
          planes.scale(before)
          const start = 10 * second
          let taken = planes.takeAll(start)
          planes.scale(after)
          taken += planes.takeAll(start + at * 1000)
          taken += planes.takeAll(start + 999_000)
          const most = Math.max(before, after)
          expect(taken * most).toBeLessThanOrEqual(limit * (most + Math.abs(before - after)))
          expect(taken).toBeLessThan(2 * limit)
        },
      ),
    )
  })

  it('counts on when its part changes', () => {
    const planes = dividing(meterOf('FixedWindow', { limit: 10, window: 1000, burst: 10 }))
    planes.scale(1)
    expect(planes.takeAll(10 * second)).toBe(10)
    planes.scale(2)
    // The first has had more than its part; the second has its own.
    expect(planes.takeAll(10 * second)).toBe(5)
    expect(planes.takeAll(11 * second)).toBe(10)
  })

  it('is at least what one request costs, but never more than the whole', () => {
    const fleet = createFleet()
    fleet.adopt({ dataPlanes: 4 })
    const part = (limit: number, burst: number) =>
      new DividedMeter(meterOf('TokenBucket', { limit, burst, window: 1000 }), 5, fleet)
    expect([part(10, 12).limit, part(10, 12).burst]).toEqual([5, 5])
    expect([part(3, 40).limit, part(3, 40).burst]).toEqual([3, 10])
  })
})
