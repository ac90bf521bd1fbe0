import { describe, expect, it } from 'vitest'
import { addressesWith, placesUpTo, seededRandom, tally } from './balancingFixture.ts'
import { none, type Draw } from './picker.ts'
import { pickerOf } from './pickerOf.ts'

const draw = (seed = 1): Draw => ({ random: seededRandom(seed), key: null })
const full = Infinity

describe.each(['RoundRobin', 'LeastRequest', 'PeakEwma'] as const)('%s', (type) => {
  it('gives addresses that are alike the same share', () => {
    const pick = pickerOf({ type }, addressesWith([]), 0)
    const drawn = draw()
    for (const count of tally(10_000, 5, () => pick(placesUpTo(5), drawn))) {
      expect(count).toBeGreaterThan(1850)
      expect(count).toBeLessThan(2150)
    }
  })

  it('passes over what can take no more, and says when nothing can', () => {
    const all = pickerOf({ type }, addressesWith([full, full, 3, full]), 0)
    expect(tally(50, 4, () => all(placesUpTo(4), draw()))).toEqual([0, 0, 50, 0])
    expect(pickerOf({ type }, addressesWith([full, full]), 0)([0, 1], draw())).toBe(none)
    expect(pickerOf({ type }, addressesWith([full]), 0)([0], draw())).toBe(none)
    expect(all([], draw())).toBe(none)
    expect(all([2], draw())).toBe(2)
  })
})

describe('RoundRobin', () => {
  it('takes one after the other, from where it is told', () => {
    const pick = pickerOf({ type: 'RoundRobin' }, addressesWith([]), 0.5)
    expect(Array.from({ length: 5 }, () => pick([7, 8, 9, 10], draw()))).toEqual([10, 7, 8, 9, 10])
  })

  it('goes on where there are fewer than before', () => {
    const pick = pickerOf({ type: 'RoundRobin' }, addressesWith([]), 0)
    for (let time = 0; time < 4; time++) pick([0, 1, 2, 3, 4], draw())
    expect([pick([0, 1], draw()), pick([0, 1], draw())]).toEqual([0, 1])
  })
})

describe('LeastRequest', () => {
  it('never takes the busiest, and takes the idlest as often as it is drawn', () => {
    const pick = pickerOf({ type: 'LeastRequest' }, addressesWith([9, 0, 5, 5, 5]), 0)
    const drawn = draw()
    const counts = tally(20_000, 5, () => pick(placesUpTo(5), drawn))
    expect(counts[0]).toBe(0)
    // It is one of two drawn of five.
    expect(counts[1]! / 20_000).toBeCloseTo(0.4, 1)
  })

  it('keeps queues short where one is drawn of all it would not: n requests over n addresses', () => {
    const inFlight = Array.from({ length: 500 }, () => 0)
    const pick = pickerOf({ type: 'LeastRequest' }, addressesWith(inFlight), 0)
    const drawn = draw()
    for (let time = 0; time < 500; time++) inFlight[pick(placesUpTo(500), drawn)]! += 1
    // ln ln n / ln 2 + O(1), against ln n / ln ln n.
    expect(Math.max(...inFlight)).toBeLessThanOrEqual(3)
  })
})

describe('PeakEwma', () => {
  it('prefers what answers sooner, as far as that is not busier', () => {
    const quick = pickerOf({ type: 'PeakEwma' }, addressesWith([1, 1], [10, 100]), 0)
    expect(tally(100, 2, () => quick([0, 1], draw()))).toEqual([100, 0])
    const busy = pickerOf({ type: 'PeakEwma' }, addressesWith([20, 1], [10, 100]), 0)
    expect(tally(100, 2, () => busy([0, 1], draw()))).toEqual([0, 100])
  })

  it('tries what it knows nothing of once, and no more before that has answered', () => {
    expect(pickerOf({ type: 'PeakEwma' }, addressesWith([0, 0], [10, 0]), 0)([0, 1], draw())).toBe(1)
    expect(pickerOf({ type: 'PeakEwma' }, addressesWith([0, 1], [10, 0]), 0)([0, 1], draw())).toBe(0)
  })
})
