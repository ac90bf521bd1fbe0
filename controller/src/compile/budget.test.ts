import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetOf, fairLevel } from './budget.ts'

describe('fairLevel', () => {
  it.each([
    { demands: [10, 20, 30], available: 60, level: Infinity },
    { demands: [30, 10, 20], available: 50, level: 20 },
    { demands: [100, 100, 1], available: 51, level: 25 },
    { demands: [5, 5], available: 0, level: 0 },
    { demands: [5, 5], available: -1, level: 0 },
    { demands: [], available: 0, level: Infinity },
  ])('of $demands and $available is $level', ({ demands, available, level }) => {
    expect(fairLevel(demands, available)).toBe(level)
  })

  it('never gives more than there is, and nobody less than an equal share of it or what it wants', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.nat(5000), (demands, available) => {
        const level = fairLevel(demands, available)
        const given = demands.map((demand) => Math.min(demand, level))
        expect(given.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(available)
        const share = Math.floor(available / demands.length)
        expect(given.every((bytes, index) => bytes >= Math.min(share, demands[index]!))).toBe(true)
      }),
    )
  })
})

describe('the purses of a namespace', () => {
  it('are one for routes and one for policies, under bounds and level', () => {
    const { routes, policies } = budgetOf({ routeBytes: 400, policyBytes: 50 }, 100)
    expect(routes.pay(76)).toBe(false)
    expect(routes.pay(75)).toBe(true)
    expect(policies.pay(50)).toBe(true)
    expect(policies.pay(1)).toBe(false)
    expect([routes, policies].map((purse) => purse.spent())).toEqual([75, 50])
  })
})
