import { describe, expect, it } from 'vitest'
import { createReplays } from './replays.ts'

const use = (id: string, until = 1000, principal = 'ada') => ({ principal, id, until })

describe('credentials that count once', () => {
  it('are seen the second time, until they have expired', () => {
    const replays = createReplays()
    expect(replays.mark(use('a'), 0)).toBe('first')
    expect(replays.mark(use('a'), 999)).toBe('seen')
    expect(replays.mark(use('b'), 999)).toBe('first')
    expect(replays.mark(use('a', 2000), 1000)).toBe('first')
  })

  it('are those of one principal', () => {
    const replays = createReplays()
    replays.mark(use('a', 1000, 'x"],["'), 0)
    expect(replays.mark(use('a', 1000, 'y'), 0)).toBe('first')
    expect(replays.mark(use('","x', 1000, 'a'), 0)).toBe('first')
    expect(replays.mark(use('x', 1000, 'a","'), 0)).toBe('first')
  })

  it('are never forgotten early: what does not fit does not count', () => {
    const replays = createReplays(3)
    for (const id of ['a', 'b', 'c']) expect(replays.mark(use(id), 0)).toBe('first')
    expect(replays.mark(use('d'), 1)).toBe('full')
    for (const id of ['a', 'b', 'c']) expect(replays.mark(use(id), 2)).toBe('seen')
    expect(replays.mark(use('d', 5000), 1001)).toBe('first')
    expect(replays.mark(use('d', 5000), 1001)).toBe('seen')
  })

  it('make room as they expire, also one by one', () => {
    const replays = createReplays(2000)
    for (let at = 0; at < 20_000; at++) expect(replays.mark(use(`${at}`, at * 10 + 5000), at * 10)).toBe('first')
  })

  it('are looked through once a second at most when there is no room', () => {
    const replays = createReplays(50_000)
    for (let at = 0; at < 50_000; at++) replays.mark(use(`${at}`, 1e9), 0)
    const started = performance.now()
    for (let at = 0; at < 10_000; at++) expect(replays.mark(use(`x${at}`, 1e9), 5000)).toBe('full')
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
