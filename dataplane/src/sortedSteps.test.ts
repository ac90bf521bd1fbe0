import fc from 'fast-check'
import { expect, it } from 'vitest'
import { atOnce } from './slices.ts'
import { sortedSteps } from './sortedSteps.ts'

const byKey = (a: { key: number }, b: { key: number }): number => a.key - b.key

it('sorts as toSorted does, and keeps the order of equals', () => {
  const item = fc.record({ key: fc.nat(20), other: fc.nat() })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 2000, size: 'max' }), (items) => {
      expect(atOnce(sortedSteps(items, byKey))).toEqual(items.toSorted(byKey))
    }),
    { numRuns: 30 },
  )
})

it('rests between small portions', () => {
  const items = Array.from({ length: 10_000 }, (_, index) => ({ key: (index * 7919) % 10_000 }))
  let compared = 0
  let most = 0
  const steps = sortedSteps(items, (a, b) => {
    compared++
    return byKey(a, b)
  })
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    most = Math.max(most, compared)
    compared = 0
  }
  expect(most).toBeLessThan(256 * 9)
})
