import { describe, expect, it } from 'vitest'
import { createFailures, type FailureBounds } from './failures.ts'

const limits = { limit: 3, window: 1000, blockFor: 5000 }
const bounds: FailureBounds = { perTable: 10, total: 1000, guaranteed: 2 }

const table = (over: Partial<FailureBounds> = {}) => createFailures({ ...bounds, ...over }).acquire('shop/orders').value

describe('createFailures', () => {
  it('blocks a network with the last failure that is allowed, and nobody else', () => {
    const failures = table()
    for (const now of [0, 100]) failures.fail('a', limits, now)
    expect(failures.blockedFor('a', 100)).toBe(0)
    failures.fail('a', limits, 200)
    expect(failures.blockedFor('a', 200)).toBe(5000)
    expect(failures.blockedFor('a', 5199)).toBe(1)
    expect(failures.blockedFor('a', 5200)).toBe(0)
    expect(failures.blockedFor('b', 200)).toBe(0)
  })

  it('begins anew after a block and after a window', () => {
    const failures = table()
    for (const now of [0, 1, 2]) failures.fail('a', limits, now)
    for (const now of [5002, 5003]) failures.fail('a', limits, now)
    expect(failures.blockedFor('a', 5003)).toBe(0)
    failures.fail('a', limits, 6002)
    failures.fail('a', limits, 6003)
    expect(failures.blockedFor('a', 6003)).toBe(0)
    failures.fail('a', limits, 6004)
    expect(failures.blockedFor('a', 6004)).toBe(5000)
  })

  it('does not make a block longer by what was on its way', () => {
    const failures = table()
    for (const now of [0, 0, 0, 3000]) failures.fail('a', limits, now)
    expect(failures.blockedFor('a', 3000)).toBe(2000)
  })

  it('keeps blocks and counts when the limits change', () => {
    const all = createFailures(bounds)
    const before = all.acquire('shop/orders')
    for (const now of [0, 0, 0]) before.value.fail('blocked', limits, now)
    for (const now of [0, 0]) before.value.fail('near', limits, now)
    const after = all.acquire('shop/orders')
    before.release()
    expect(after.value.blockedFor('blocked', 1)).toBe(4999)
    after.value.fail('near', { ...limits, limit: 2 }, 1)
    expect(after.value.blockedFor('near', 1)).toBe(5000)
    expect(all.blocked(1)).toBe(2)
    after.release()
    expect(all.blocked(1)).toBe(0)
  })

  it('lets no flood of networks undo a block or a count', () => {
    const failures = table()
    for (const _ of [1, 2, 3]) failures.fail('blocked', limits, 0)
    for (const _ of [1, 2]) failures.fail('near', limits, 0)
    for (let index = 0; index < 1000; index++) failures.fail(`flood-${index}`, limits, 1)
    expect(failures.blockedFor('blocked', 1)).toBe(4999)
    failures.fail('near', limits, 2)
    expect(failures.blockedFor('near', 2)).toBe(5000)
  })

  it('counts all others as one when there is nobody left to forget', () => {
    const failures = table()
    for (let index = 0; index < 10; index++) for (const _ of [1, 2, 3]) failures.fail(`flood-${index}`, limits, 0)
    for (const network of ['a', 'b']) failures.fail(network, limits, 1)
    expect(failures.blockedFor('c', 1)).toBe(0)
    failures.fail('c', limits, 1)
    expect(failures.blockedFor('d', 1)).toBe(5000)
    expect(failures.blockedFor('flood-3', 1)).toBe(4999)
    expect(failures.blockedFor('d', 5001)).toBe(0)
  })

  it('gives each table its own room when all are full', () => {
    const all = createFailures({ perTable: 10, total: 10, guaranteed: 2 })
    const [one, other] = [all.acquire('a').value, all.acquire('b').value]
    for (let index = 0; index < 10; index++) for (const _ of [1, 2, 3]) one.fail(`flood-${index}`, limits, 0)
    for (const _ of [1, 2, 3]) other.fail('x', limits, 0)
    expect(other.blockedFor('x', 0)).toBe(5000)
    expect(other.blockedFor('y', 0)).toBe(0)
  })
})
