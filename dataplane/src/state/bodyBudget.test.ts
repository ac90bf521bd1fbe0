import { describe, expect, it } from 'vitest'
import { createBodyBudget } from './bodyBudget.ts'

describe('the budget for bodies', () => {
  it('leaves something to each namespace, and to nobody more than there is', () => {
    const budget = createBodyBudget({ all: 10, namespace: 6 })
    expect([budget.take('a', 6), budget.take('a', 1), budget.take('b', 4), budget.take('b', 1)]).toEqual([
      true,
      false,
      true,
      false,
    ])
    budget.give('a', 6)
    expect([budget.held(), budget.take('b', 2), budget.take('b', 1), budget.take('c', 4)]).toEqual([
      4,
      true,
      false,
      true,
    ])
  })
})
