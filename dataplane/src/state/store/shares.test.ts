import { expect, it } from 'vitest'
import { Shares } from './shares.ts'

const limits = { total: 10, perNamespace: 6, guaranteed: 2, most: 14 }

/** @returns how many of so many calls went out */
const sent = (shares: Shares, namespace: string, calls: number): number =>
  Array.from({ length: calls }, () => shares.take(namespace)).filter(Boolean).length

it('leaves room for others, whatever one namespace sends', () => {
  const shares = new Shares(limits)
  expect(sent(shares, 'greedy', 100)).toBe(6)
  expect(sent(shares, 'honest', 3)).toBe(3)
})

it('keeps what each is sure of where all together have no room', () => {
  const shares = new Shares(limits)
  for (const name of ['a', 'b']) sent(shares, name, 100)
  expect(sent(shares, 'b', 1)).toBe(0)
  expect(sent(shares, 'late', 100)).toBe(2)
})

it('never goes beyond what the connection takes', () => {
  const shares = new Shares(limits)
  const all = Array.from({ length: 100 }, (_, index) => sent(shares, `n-${index}`, 100))
  expect(all.reduce((sum, one) => sum + one)).toBe(limits.most)
})

it('has room again for what was given back, of the same and of others', () => {
  const shares = new Shares(limits)
  for (let round = 0; round < 3; round++) {
    expect(sent(shares, 'a', 100)).toBe(6)
    for (let call = 0; call < 6; call++) shares.giveBack('a')
  }
  expect(sent(shares, 'b', 100)).toBe(6)
})
