import { describe, expect, it } from 'vitest'
import { createBuckets } from './buckets.ts'

const perSecond = { limit: 1, window: 1000 }

describe('createBuckets', () => {
  it('keeps what was taken when the limit changes', () => {
    const buckets = createBuckets(() => 0)
    const old = buckets.acquire('q', perSecond)
    old.value.bucket('a', 0).used = 7
    const fresh = buckets.acquire('q', { limit: 100, window: 1000 })
    old.release()
    expect(fresh.value.bucket('a', 0).used).toBe(7)
  })

  it('keeps counters of other identities apart', () => {
    const buckets = createBuckets(() => 0)
    buckets.acquire('q', perSecond).value.bucket('a', 0).used = 7
    expect(buckets.acquire('r', perSecond).value.bucket('a', 0).used).toBe(0)
  })

  it('is not refilled by taking a quota away and back', () => {
    let now = 0
    const buckets = createBuckets(() => now)
    const first = buckets.acquire('q', perSecond)
    first.value.bucket('a', 0).used = 5
    first.release()
    now = 4000
    const second = buckets.acquire('q', perSecond)
    expect(second.value.bucket('a', now).used).toBe(5)
    second.release()
    now = 20_000
    buckets.acquire('other', perSecond)
    expect(buckets.acquire('q', perSecond).value.size()).toBe(0)
  })

  it('forgets buckets that are full again', () => {
    const table = createBuckets(() => 0).acquire('q', perSecond).value
    for (let i = 0; i < 1000; i++) table.bucket(`old-${i}`, 0).used = 1
    for (let i = 0; i < 500; i++) table.bucket(`new-${i}`, 5000).used = 1
    expect(table.size()).toBeLessThan(700)
  })

  it('gives a flood of keys one bucket together, and those that are known their own', () => {
    const table = createBuckets(() => 0, { perTable: 100, total: 1000 }).acquire('q', perSecond).value
    table.bucket('known', 0).used = 3
    for (let i = 0; i < 500; i++) table.bucket(`k-${i}`, 0).used += 1
    expect(table.size()).toBe(100)
    expect(table.bucket('known', 0).used).toBe(3)
    expect(table.bucket('late', 0)).toBe(table.bucket('later', 0))
    expect(table.bucket('late', 0).used).toBe(401)
  })

  it('makes room again when time has passed', () => {
    const table = createBuckets(() => 0, { perTable: 100, total: 1000 }).acquire('q', perSecond).value
    for (let i = 0; i < 200; i++) table.bucket(`k-${i}`, 0).used += 1
    const late = table.bucket('late', 1000)
    expect(late).not.toBe(table.bucket('later', 1000))
  })

  it('bounds all tables together', () => {
    const buckets = createBuckets(() => 0, { perTable: 100, total: 150 })
    const [a, b] = [buckets.acquire('a', perSecond).value, buckets.acquire('b', perSecond).value]
    for (let i = 0; i < 100; i++) {
      a.bucket(`k-${i}`, 0).used = 1
      b.bucket(`k-${i}`, 0).used = 1
    }
    expect(a.size() + b.size()).toBe(150)
  })
})
