import { describe, expect, it } from 'vitest'
import { HeaderValues, mostValues } from './headerValues.ts'
import { keyBudgets } from './keyBudget.ts'

const memory = 1000
const budget = (perTable = 100_000) =>
  keyBudgets({ perTable, perNamespace: 100_000, total: 100_000, guaranteed: 0 })('shop')

const counted = (values: HeaderValues, names: readonly string[], now: number, stable = 'a'): number =>
  names.filter((name) => values.counts(stable, name, now)).length

const names = (count: number, prefix = 'v') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

describe('HeaderValues', () => {
  it('counts a number of values by themselves, beside each stable part', () => {
    const values = new HeaderValues(memory, budget())
    expect(counted(values, names(500), 0)).toBe(mostValues)
    expect(counted(values, names(500), 0, 'b')).toBe(mostValues)
  })

  it('keeps those that go on being sent, and makes room for as many as go', () => {
    const values = new HeaderValues(memory, budget())
    counted(values, names(mostValues), 0)
    expect(counted(values, names(60), 1500)).toBe(60)
    expect(counted(values, names(500, 'w'), 1500)).toBe(0)
    expect(counted(values, names(500, 'w'), 2500)).toBe(mostValues - 60)
    expect(counted(values, names(60), 2500)).toBe(60)
  })

  it('forgets all when nobody asked for long', () => {
    const values = new HeaderValues(memory, budget())
    counted(values, names(mostValues), 0)
    expect(counted(values, names(500, 'w'), 9000)).toBe(mostValues)
  })

  it('takes no more than there is for its namespace, and gives it back', () => {
    const purse = budget(7)
    const values = new HeaderValues(memory, purse)
    expect(counted(values, names(20), 0)).toBe(7)
    expect(counted(values, names(20, 'w'), 9000)).toBe(7)
    values.clear()
    expect(purse.isSpent).toBe(false)
  })
})
