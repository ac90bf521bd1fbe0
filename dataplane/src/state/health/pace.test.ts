import { describe, expect, it } from 'vitest'
import { mostProbes, mostRunning, mostWatched, Pace } from './pace.ts'

const times = (count: number, take: () => boolean): number =>
  Array.from({ length: count }, take).filter((taken) => taken).length

describe('a pace', () => {
  it('bounds what a namespace watches, and what all watch', () => {
    const pace = new Pace()
    expect(times(mostWatched.namespace + 5, () => pace.watch('a', 1))).toBe(mostWatched.namespace)
    for (const namespace of ['b', 'c', 'd']) times(mostWatched.namespace, () => pace.watch(namespace, 1))
    expect(pace.watch('e', 1)).toBe(false)
    pace.leave('a', 1)
    expect(pace.watch('e', 1)).toBe(true)
  })

  it('bounds what runs at a time', () => {
    const pace = new Pace()
    expect(times(mostRunning.namespace + 5, () => pace.begin('a'))).toBe(mostRunning.namespace)
    const rest = times(mostRunning.all, () => pace.begin(`n${Math.floor(mostRunning.all * 0.1)}`))
    expect(rest).toBe(mostRunning.namespace)
    pace.end('a')
    expect(pace.begin('a')).toBe(true)
  })

  it('is slower for the namespace that wants too much, and for all when all want too much', () => {
    const pace = new Pace()
    times(2 * mostProbes.namespace, () => pace.watch('a', 1))
    expect([pace.stretch('a'), pace.stretch('b')]).toEqual([2, 1])
    for (let index = 0; index < 18; index++) times(mostProbes.namespace, () => pace.watch(`n${index}`, 1))
    expect([pace.stretch('a'), pace.stretch('b')]).toEqual([2.375, 2.375])
  })

  it('is not slower for others when one namespace wants more than it gets', () => {
    const pace = new Pace()
    times(mostWatched.namespace, () => pace.watch('hostile', 1))
    expect([pace.stretch('hostile'), pace.stretch('victim')]).toEqual([200, 1])
    times(mostWatched.namespace, () => (pace.leave('hostile', 1), true))
    expect(pace.stretch('victim')).toBe(1)
  })
})
