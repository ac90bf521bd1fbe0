import { describe, expect, it } from 'vitest'
import { charge, meterOf, settle, type Meter } from '../policy/meter.ts'
import type { KeyLimits } from './keyBudget.ts'
import type { MeterTable } from './meterTable.ts'
import { createMeters } from './meters.ts'

const perSecond = meterOf('TokenBucket', { limit: 1, window: 1000, burst: 10 })
const shop = { namespace: 'shop', slowest: perSecond }

/** What is at a time, in milliseconds, by both clocks. */
const at = (time: number) => ({ steady: time * 1000, wall: time * 1000 })
const clockAt = (time: () => number) => ({ now: time, monotonic: time })
const metersAt = (time = () => 0, limits?: KeyLimits) => createMeters(clockAt(time), limits)

interface Taking {
  /** Milliseconds. */
  readonly time?: number
  readonly meter?: Meter
}

/** Takes units of a key. @returns units that it had been taken before, still */
function take(table: MeterTable, key: string, units: number, { time = 0, meter = perSecond }: Taking = {}): number {
  const place = table.place(key, at(time))
  settle(meter, table.cells, place, time * 1000)
  const before = table.cells[place + 1]! / (meter.algorithm === 'TokenBucket' ? meter.ticks : 1)
  charge(meter, table.cells, place, units)
  return before
}

const bounded = { perTable: 100, perNamespace: 1000, total: 1000, guaranteed: 0 }

describe('createMeters', () => {
  it('keeps what was taken when the limit changes', () => {
    const meters = metersAt()
    const old = meters.acquire('q', shop)
    take(old.value, 'a', 7)
    const fresh = meters.acquire('q', { ...shop, slowest: { ...perSecond, limit: 100 } })
    old.release()
    expect(take(fresh.value, 'a', 0)).toBe(7)
  })

  it('keeps counters of other identities apart', () => {
    const meters = metersAt()
    take(meters.acquire('q', shop).value, 'a', 7)
    expect(take(meters.acquire('r', shop).value, 'a', 0)).toBe(0)
  })

  it('is not refilled by taking a quota away and back', () => {
    let now = 0
    const meters = metersAt(() => now)
    const first = meters.acquire('q', shop)
    take(first.value, 'a', 5)
    first.release()
    now = 4000
    const second = meters.acquire('q', shop)
    expect(take(second.value, 'a', 0, { time: now })).toBe(1)
    second.release()
    now = 20_000
    meters.acquire('other', shop)
    expect(meters.acquire('q', shop).value.size()).toBe(0)
  })

  it('keeps values of a header that were let go, until they are forgotten anyway', () => {
    let now = 0
    const meters = metersAt(() => now)
    const use = { namespace: 'shop', memory: 10_000_000 }
    const first = meters.acquireValues('q', use)
    first.value.counts('a', 'x', 0)
    first.release()
    now = 5000
    const second = meters.acquireValues('q', use)
    expect(second.value).toBe(first.value)
    second.release()
    now = 60_000
    expect(meters.acquireValues('q', use).value).not.toBe(first.value)
  })

  it('bounds the counters of one namespace, and leaves others their own', () => {
    const meters = metersAt(() => 0, { perTable: 100, perNamespace: 150, total: 1000, guaranteed: 0 })
    const tables = ['a', 'b'].map((name) => meters.acquire(name, shop).value)
    for (let i = 0; i < 100; i++) for (const table of tables) take(table, `k-${i}`, 1)
    expect(tables[0]!.size() + tables[1]!.size()).toBe(150)
    const other = meters.acquire('c', { ...shop, namespace: 'other' }).value
    for (let i = 0; i < 100; i++) take(other, `k-${i}`, 1)
    expect(other.size()).toBe(100)
  })

  it('bounds all together', () => {
    const meters = metersAt(() => 0, { perTable: 100, perNamespace: 100, total: 150, guaranteed: 0 })
    const tables = ['a', 'b'].map((namespace) => meters.acquire(namespace, { ...shop, namespace }).value)
    for (let i = 0; i < 100; i++) for (const table of tables) take(table, `k-${i}`, 1)
    expect(tables[0]!.size() + tables[1]!.size()).toBe(150)
  })

  it('leaves each namespace some, whatever the others have', () => {
    const meters = metersAt(() => 0, { perTable: 100, perNamespace: 100, total: 100, guaranteed: 10 })
    const tables = ['a', 'b'].map((namespace) => meters.acquire(namespace, { ...shop, namespace }).value)
    for (const table of tables) for (let i = 0; i < 100; i++) take(table, `k-${i}`, 1)
    expect(tables.map((table) => table.size())).toEqual([100, 10])
  })
})

const kinds = ['TokenBucket', 'SlidingWindow', 'FixedWindow'] as const

describe.each(kinds)('a table of %s', (algorithm) => {
  const meter = meterOf(algorithm, { limit: 1, window: 1000, burst: 1 })
  const table = (limits = bounded) =>
    metersAt(() => 0, limits).acquire('q', { namespace: 'shop', slowest: meter }).value

  it('forgets keys that are full again', () => {
    const some = table({ perTable: 100_000, perNamespace: 100_000, total: 100_000, guaranteed: 0 })
    for (let i = 0; i < 1000; i++) take(some, `old-${i}`, 1, { meter })
    for (let i = 0; i < 500; i++) take(some, `new-${i}`, 1, { time: 5000, meter })
    expect(some.size()).toBeLessThan(700)
  })

  it('gives a flood of keys one count together, and those that are known their own', () => {
    const some = table()
    take(some, 'known', 3, { meter })
    for (let i = 0; i < 500; i++) take(some, `k-${i}`, 1, { meter })
    expect(some.size()).toBe(100)
    expect(take(some, 'known', 0, { meter })).toBe(3)
    expect(some.place('late', at(0))).toBe(some.place('later', at(0)))
    expect(take(some, 'late', 0, { meter })).toBe(401)
  })

  it('makes room again when time has passed, and what comes then has nothing taken', () => {
    const some = table()
    for (let i = 0; i < 200; i++) take(some, `k-${i}`, 1, { meter })
    expect(some.place('late', at(5000))).not.toBe(some.place('later', at(5000)))
    for (let i = 0; i < 90; i++) expect(take(some, `n-${i}`, 1, { time: 5000, meter })).toBe(0)
  })

  it('takes no memory for a flood that is over, and forgets nothing by it', () => {
    const some = table({ perTable: 50_000, perNamespace: 50_000, total: 50_000, guaranteed: 0 })
    for (let i = 0; i < 40_000; i++) take(some, `old-${i}`, 1, { meter })
    const largest = some.cells.length
    take(some, 'known', 3, { time: 5000, meter })
    for (let round = 1; round <= 4; round++)
      for (let i = 0; i < 4000; i++) take(some, `new-${round}-${i}`, round === 4 ? 2 : 1, { time: 5000 * round, meter })
    take(some, 'known', 3, { time: 20_000, meter })
    for (let i = 0; i < 200; i++) take(some, `last-${i}`, 1, { time: 20_000, meter })
    expect(some.cells.length).toBeLessThanOrEqual(largest / 4)
    for (let i = 0; i < 4000; i++) expect(take(some, `new-4-${i}`, 0, { time: 20_000, meter })).toBe(2)
    expect(take(some, 'known', 0, { time: 20_000, meter })).toBe(3)
  })

  it('keeps what was taken while it grows', () => {
    const some = table({ perTable: 5000, perNamespace: 5000, total: 5000, guaranteed: 0 })
    for (let i = 0; i < 3000; i++) take(some, `k-${i}`, i % 7, { meter })
    for (let i = 0; i < 3000; i++) expect(take(some, `k-${i}`, 0, { meter })).toBe(i % 7)
  })
})
