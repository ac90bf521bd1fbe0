import { beforeEach, describe, expect, it } from 'vitest'
import { createTurns, type Turns } from './turns.ts'

describe('turns', () => {
  let time = 0
  let order: string[] = []
  let turns: Turns
  const work = (owner: string, name: string, cost: number): void =>
    turns.take(
      () => owner,
      () => {
        time += cost
        order.push(name)
      },
    )
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  beforeEach(() => {
    time = 0
    order = []
    turns = createTurns(() => time)
  })

  it('are taken at once while they are short', () => {
    for (let index = 0; index < 10; index++) work('a', String(index), 0.1)
    expect(order).toHaveLength(10)
  })

  it('are short: the rest waits for the next', async () => {
    for (let index = 0; index < 4; index++) work('a', String(index), 4)
    expect(order).toEqual(['0', '1'])
    await turn()
    expect(order).toEqual(['0', '1', '2', '3'])
  })

  it('go first to whoever has worked least', async () => {
    for (let index = 0; index < 5; index++) work('hostile', `h${index}`, 6)
    await turn()
    work('victim', 'v', 1)
    await turn()
    expect(order).toEqual(['h0', 'h1', 'v', 'h2'])
    await turn()
    await turn()
    expect(order).toEqual(['h0', 'h1', 'v', 'h2', 'h3', 'h4'])
    await turn()
    work('hostile', 'h5', 1)
    expect(order.at(-1)).toBe('h5')
  })

  it('are not saved up: whoever comes late has no claim to those that it did not need', async () => {
    for (let index = 0; index < 20; index++) for (const owner of ['a', 'b']) work(owner, owner, 6)
    for (let count = 0; count < 10; count++) await turn()
    order = []
    for (let index = 0; index < 10; index++) work('late', 'late', 6)
    for (let count = 0; count < 9; count++) await turn()
    expect(['a', 'b', 'late'].map((owner) => order.filter((name) => name === owner).length)).toEqual([3, 3, 3])
  })
})
