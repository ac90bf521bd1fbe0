import { describe, expect, it } from 'vitest'
import { createSlots } from './slots.ts'

describe('createSlots', () => {
  it('counts by key, and forgets a key when nothing runs', () => {
    const slots = createSlots()
    const table = slots.acquire('p').value
    const first = table.take('a')
    const second = table.take('a')
    table.take('b')
    expect([table.taken('a'), table.taken('b'), table.taken('c'), slots.taken()]).toEqual([2, 1, 0, 3])
    first.release()
    expect([table.taken('a'), slots.taken()]).toEqual([1, 2])
    second.release()
    expect([table.taken('a'), slots.taken()]).toEqual([0, 1])
  })

  it('keeps what runs when the policy goes and comes back', () => {
    const slots = createSlots()
    const before = slots.acquire('p')
    const running = before.value.take('a')
    before.release()
    const after = slots.acquire('p')
    expect(after.value.taken('a')).toBe(1)
    running.release()
    expect(after.value.taken('a')).toBe(0)
    after.release()
    expect(slots.acquire('p').value).not.toBe(before.value)
  })

  it('keeps what runs when it ends while the policy is away, and later ones apart', () => {
    const slots = createSlots()
    const before = slots.acquire('p')
    const running = before.value.take('a')
    before.release()
    running.release()
    const after = slots.acquire('p')
    const next = after.value.take('a')
    expect([after.value.taken('a'), slots.taken()]).toEqual([1, 1])
    next.release()
    expect(slots.taken()).toBe(0)
  })

  it('keeps policies apart', () => {
    const slots = createSlots()
    slots.acquire('p').value.take('a')
    expect(slots.acquire('q').value.taken('a')).toBe(0)
  })
})
