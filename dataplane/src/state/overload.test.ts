import { afterEach, describe, expect, it } from 'vitest'
import { Overload } from './overload.ts'

const open: Overload[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

function overload(percent = 90) {
  const state = { heap: 0, container: 0, running: 5, time: 0 }
  const told: [boolean, number][] = []
  const made = new Overload({
    percent,
    read: () => state,
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
