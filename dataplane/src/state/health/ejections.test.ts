import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Ejections } from './ejections.ts'

const minute = 60_000
const check = { consecutiveErrors: 3, ejectFor: minute, maxEjectionPercent: 50 }
const addresses = ['a', 'b', 'c', 'd']

let changes: string[]
let ejections: Ejections
beforeEach(() => {
  vi.useFakeTimers()
  changes = []
  ejections = start()
})
afterEach(() => {
  ejections.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function start(over: Partial<typeof check> = {}): Ejections {
  const changed = (address: string, ejected: boolean): void => void changes.push(`${ejected ? '-' : '+'}${address}`)
  const one = new Ejections({ ...check, ...over }, { now: () => performance.now(), changed })
  one.watch(addresses)
  return one
}

const fail = (address: string, times = 3): void => {
  for (let time = 0; time < times; time++) ejections.observe(address, false)
}

/** How long an address is ejected that fails now, in minutes. */
function ejectedFor(address: string): number {
  fail(address)
  const began = performance.now()
  while (ejections.isEjected(address)) vi.advanceTimersToNextTimer()
  return (performance.now() - began) / minute
}

describe('an address', () => {
  it('is ejected after so many failures in a row', () => {
    fail('a', 2)
    ejections.observe('a', true)
    fail('a', 2)
    expect(ejections.isEjected('a')).toBe(false)
    fail('a', 1)
    expect([ejections.isEjected('a'), ejections.isEjected('b')]).toEqual([true, false])
    expect(changes).toEqual(['-a'])
  })

  it('comes back when its time is over, and not before', () => {
    fail('a')
    vi.advanceTimersByTime(minute - 1)
    expect(ejections.isEjected('a')).toBe(true)
    vi.advanceTimersByTime(1)
    expect(ejections.isEjected('a')).toBe(false)
    expect(changes).toEqual(['-a', '+a'])
    fail('a', 2)
    expect(ejections.isEjected('a')).toBe(false)
  })

  it('stays away twice as long each time that it fails soon again, up to five minutes', () => {
    expect([1, 2, 3, 4, 5].map(() => ejectedFor('a'))).toEqual([1, 2, 4, 5, 5])
  })

  it('begins anew when it has stayed as long as it was away', () => {
    expect([ejectedFor('a'), ejectedFor('a')]).toEqual([1, 2])
    vi.advanceTimersByTime(2 * minute)
    expect(ejectedFor('a')).toBe(1)
  })

  it('stays away for its first time where that is longer than five minutes', () => {
    ejections.close()
    ejections = start({ ejectFor: 10 * minute })
    expect([ejectedFor('a'), ejectedFor('a')]).toEqual([10, 10])
  })

  it('stays away no longer for what becomes of requests that had been sent', () => {
    fail('a', 10)
    ejections.observe('a', true)
    vi.advanceTimersByTime(minute)
    expect(ejections.isEjected('a')).toBe(false)
    fail('a', 2)
    expect(ejections.isEjected('a')).toBe(false)
  })
})

describe('of all addresses', () => {
  it('no more are ejected than may be', () => {
    for (const address of addresses) fail(address)
    expect(addresses.filter((address) => ejections.isEjected(address))).toEqual(['a', 'b'])
    vi.advanceTimersByTime(minute)
    fail('d', 1)
    expect(ejections.isEjected('d')).toBe(true)
  })

  it('none is where the share is less than one', () => {
    ejections.watch(['a'])
    fail('a', 10)
    expect(ejections.isEjected('a')).toBe(false)
  })

  it('those that are gone are forgotten', () => {
    fail('a')
    const { version } = ejections
    ejections.watch(['b', 'c', 'd'])
    expect(ejections.isEjected('a')).toBe(false)
    expect(ejections.version).toBeGreaterThan(version)
    fail('a')
    ejections.watch(addresses)
    expect(ejections.isEjected('a')).toBe(false)
    fail('b')
    fail('c')
    expect(addresses.filter((address) => ejections.isEjected(address))).toEqual(['b', 'c'])
  })
})
