import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sessionOf } from '../push/sessionFixture.ts'
import { SlowPace } from './slowPace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What is said over time of the names of data planes, each statement once, after the millisecond in which it was first said. */
function paced(settle: number) {
  const said: string[] = []
  const start = Date.now()
  let present: readonly string[] = []
  const look = (): void => {
    const line = pace.paced(present.map((instance) => sessionOf({ instance }))).join(' ')
    if (said.at(-1)?.split(': ')[1] !== line) said.push(`${Date.now() - start}: ${line}`)
  }
  const pace = new SlowPace({
    of: (sessions) => sessions.map(({ instance }) => instance),
    settle,
    clock: { now: Date.now, monotonic: () => Date.now() },
    again: look,
  })
  look()
  return {
    said,
    is: (...instances: string[]): void => {
      present = instances
      look()
    },
    close: () => pace.close(),
  }
}

describe('a slow pace', () => {
  it('says something at once the first time, and then a change every half minute, with what holds by then', () => {
    const { said, is, close } = paced(0)
    vi.advanceTimersByTime(1000)
    is('a')
    for (let round = 0; round < 100; round++) {
      vi.advanceTimersByTime(500)
      is(...(round % 2 === 0 ? [] : ['a']))
    }
    is('b')
    vi.advanceTimersByTime(60_000)
    close()
    expect(said[0]).toBe('0: ')
    expect(said[1]).toBe('1000: a')
    expect(said.at(-1)).toMatch(/: b$/)
    const times = said.slice(1).map((line) => Number(line.split(':')[0]))
    for (const [index, time] of times.entries())
      if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(30_000)
  })

  it('waits until what all say at about the same time has settled', () => {
    const { said, is, close } = paced(2000)
    vi.advanceTimersByTime(60_000)
    is('a')
    vi.advanceTimersByTime(500)
    is('a', 'b')
    vi.advanceTimersByTime(1000)
    is('a', 'b', 'c')
    vi.advanceTimersByTime(100_000)
    close()
    expect(said).toEqual(['0: ', '62000: a b c'])
  })

  it('says nothing of what went back before it was said, and plans nothing then', () => {
    const { said, is } = paced(2000)
    is('a')
    vi.advanceTimersByTime(1900)
    is()
    expect(vi.getTimerCount()).toBe(0)
    is('a')
    vi.advanceTimersByTime(1900)
    expect(said).toEqual(['0: '])
    vi.advanceTimersByTime(100)
    expect(said).toEqual(['0: ', '3900: a'])
  })
})
