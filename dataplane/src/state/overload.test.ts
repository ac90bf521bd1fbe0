import { afterEach, describe, expect, it } from 'vitest'
import { Overload } from './overload.ts'

const open: Overload[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

function overload(percent = 90) {
  const state = { heap: 0, container: 0, running: 5, time: 0, collections: 0 }
  const told: [boolean, number][] = []
  const made = new Overload({
    percent,
    read: () => state,
    collect: () => void state.collections++,
    running: () => state.running,
    changed: (overloaded, use) => void told.push([overloaded, use]),
    clock: { now: () => 0, monotonic: () => state.time },
  })
  open.push(made)
  /** A second later. */
  const at = (use: number, running = 5): boolean => {
    Object.assign(state, { container: use / 100, running })
    state.time += 1000
    made.look()
    return made.overloaded
  }
  return { at, told, state, made }
}

describe('overload', () => {
  it('begins at the share and ends well below it', () => {
    const { at } = overload()
    expect([89, 90, 85, 80, 79, 89, 90].map((use) => at(use))).toEqual([false, true, true, true, false, false, true])
  })

  it('is for want of either memory', () => {
    const { made, state } = overload()
    state.heap = 0.95
    made.look()
    expect(made.overloaded).toBe(true)
  })

  it('ends when no request is left that could give any back, and begins again only well above', () => {
    const { at } = overload()
    expect(at(92)).toBe(true)
    expect(at(92, 0)).toBe(false)
    expect([92, 95, 96].map((use) => at(use))).toEqual([false, false, true])
    expect(at(96, 0)).toBe(false)
    expect([97, 98].map((use) => at(use))).toEqual([false, true])
    expect(at(70)).toBe(false)
    expect(at(90)).toBe(true)
  })

  it('ends beside a request that never does once nothing more comes back, and begins again only above', () => {
    const { at, state } = overload()
    const minute = (use: number): boolean[] => Array.from({ length: 11 }, () => at(use, 1))
    // What is in use is known a look after it began, and ten seconds later nothing of it has come back.
    expect(minute(91)).toEqual([...Array.from({ length: 11 }, () => true)])
    expect(at(91, 1)).toBe(false)
    expect(state.collections).toBe(2)
    expect([94, 95].map((use) => at(use, 1))).toEqual([false, true])
  })

  it('goes on while memory comes back, however slowly, and while more is held than there is room for', () => {
    const { at } = overload()
    const falling = Array.from({ length: 40 }, (_, second) => at(95 - second / 4, 1))
    expect(falling).toEqual(falling.map(() => true))
    const full = overload()
    for (let second = 0; second < 60; second++) expect(full.at(96, 1)).toBe(true)
    expect(full.at(95, 1)).toBe(true)
    expect(full.at(94, 1)).toBe(true)
    for (let second = 0; second < 20; second++) full.at(94, 1)
    expect(full.at(94, 1)).toBe(false)
  })

  it('is weighed without garbage, which is collected no more than every ten seconds', () => {
    const { at, state } = overload()
    for (let second = 0; second < 60; second++) at(96, 1)
    expect(state.collections).toBe(6)
    expect(at(79, 1)).toBe(false)
    for (let second = 0; second < 60; second++) at(79, 1)
    expect(state.collections).toBe(6)
  })

  it('is not there when it is switched off', () => {
    expect(overload(0).at(100)).toBe(false)
  })

  it('is told of no more than once in ten seconds, and what holds then in the end', () => {
    const { at, told } = overload()
    at(95)
    for (let count = 0; count < 3; count++) {
      at(70)
      at(95)
    }
    expect(told).toEqual([[true, 95]])
    at(70)
    for (let count = 0; count < 10; count++) at(60)
    expect(told).toEqual([
      [true, 95],
      [false, 60],
    ])
  })
})
