import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Leadership } from './leadership.ts'

let term: number | null
let lists: (() => void)[]
const [began, settled] = [vi.fn(), vi.fn()]

beforeEach(() => {
  vi.useFakeTimers()
  term = null
  lists = []
  began.mockReset()
  settled.mockReset()
})
afterEach(() => {
  vi.useRealTimers()
})

const relist = (): Promise<void> => new Promise((resolve) => lists.push(resolve))
const leadership = (): Leadership => new Leadership({ authority: { term: () => term }, relist, began, settled })

/** Tells of a new term, or of none. */
function become(one: Leadership, next: number | null): void {
  term = next
  one.changed()
}

/** Ends the oldest list. */
async function list(): Promise<void> {
  lists.shift()!()
  await vi.advanceTimersByTimeAsync(0)
}

describe('leadership', () => {
  it('begins when the cluster was read in the term', async () => {
    const one = leadership()
    become(one, 7)
    expect([one.term(), began.mock.calls.length]).toEqual([null, 0])
    await list()
    expect([one.term(), began.mock.calls.length]).toEqual([7, 1])
  })

  it('ends with the authority, whether or not anything was told', async () => {
    const one = leadership()
    become(one, 7)
    await list()
    term = null
    expect(one.term()).toBeNull()
  })

  it('needs a list of its own for each term', async () => {
    const one = leadership()
    become(one, 7)
    become(one, null)
    become(one, 8)
    expect(lists).toHaveLength(2)
    await list()
    expect(one.term()).toBeNull()
    await list()
    expect(one.term()).toBe(8)
    term = 9
    expect(one.term()).toBeNull()
    one.changed()
    await list()
    expect(one.term()).toBe(9)
    expect(began).toHaveBeenCalledTimes(2)
  })

  it('reads once, however often it is told of the same term', () => {
    const one = leadership()
    become(one, 7)
    one.changed()
    expect(lists).toHaveLength(1)
  })

  it('does not begin when the term was over before the list was', async () => {
    const one = leadership()
    become(one, 7)
    term = null
    await list()
    expect(began).not.toHaveBeenCalled()
  })

  it('is there at once for who leads before anything was read, and then there is nothing to settle', () => {
    term = 1
    const one = leadership()
    expect([one.term(), one.settling]).toEqual([1, false])
    one.changed()
    expect(lists).toHaveLength(0)
  })

  it('settles for half a minute', async () => {
    const one = leadership()
    become(one, 7)
    await list()
    await vi.advanceTimersByTimeAsync(29_999)
    expect([one.settling, settled.mock.calls.length]).toEqual([true, 0])
    await vi.advanceTimersByTimeAsync(1)
    expect([one.settling, settled.mock.calls.length]).toEqual([false, 1])
  })

  it('neither begins nor settles once it is closed', async () => {
    const one = leadership()
    become(one, 7)
    await list()
    become(one, 8)
    one.close()
    await list()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([began.mock.calls.length, settled.mock.calls.length]).toEqual([1, 0])
  })
})
