import { describe, expect, it } from 'vitest'
import { createWorkBudget } from './workBudget.ts'

describe('createWorkBudget', () => {
  it('allows work until its time is spent, and again as its share of the time comes back', () => {
    let time = 0
    const budget = createWorkBudget(() => time, { share: 0.1, saved: 10 })
    expect(budget.allows()).toBe(true)
    budget.spend(12)
    expect(budget.allows()).toBe(false)
    time = 20
    expect(budget.allows()).toBe(false)
    time = 21
    expect(budget.allows()).toBe(true)
  })

  it('saves up no more than its bound', () => {
    let time = 0
    const budget = createWorkBudget(() => time, { share: 0.5, saved: 10 })
    time = 1_000_000
    expect(budget.allows()).toBe(true)
    budget.spend(10)
    expect(budget.allows()).toBe(false)
  })
})
