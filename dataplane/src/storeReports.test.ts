import type { StoreFault } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreReports } from './storeReports.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function reporting() {
  const reports: string[] = []
  const start = Date.now()
  let faults: readonly (StoreFault | null)[] = [null]
  const made = new StoreReports({
    faults: () => faults,
    changed: () => void reports.push(`${Date.now() - start} ${made.fault}`),
    clock: { now: Date.now, monotonic: () => Date.now() },
  })
  return {
    made,
    reports,
    /** The state of each store, without a word: only what goes down is told. */
    are: (...states: (StoreFault | null)[]): void => void (faults = states),
    falls: (fault: StoreFault): void => {
      faults = [fault]
      made.fell(fault)
    },
  }
}

describe('reports of a store', () => {
  it('are made at once when it goes down, with its reason by then each half minute, and when it is back', () => {
    const { made, reports, falls, are } = reporting()
    expect(made.fault).toBeNull()
    falls('unreachable')
    are('loading')
    vi.advanceTimersByTime(29_999)
    expect(made.fault).toBe('unreachable')
    vi.advanceTimersByTime(40_000)
    are(null)
    vi.advanceTimersByTime(100_000)
    expect(reports).toEqual(['0 unreachable', '30000 loading', '90000 null'])
    expect(vi.getTimerCount()).toBe(0)
    falls('denied')
    expect(reports.at(-1)).toBe('169999 denied')
    made.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are the same while it comes and goes, whatever it is at the moment of a look', () => {
    const { made, reports, falls, are } = reporting()
    for (let round = 0; round < 100; round++) {
      falls('timeout')
      are(null)
      vi.advanceTimersByTime(2_000)
    }
    expect(reports).toEqual(['0 timeout'])
    vi.advanceTimersByTime(60_000)
    expect(reports).toEqual(['0 timeout', '240000 null'])
    made.close()
  })

  it('say nothing of a store that there is no more', () => {
    const { made, reports, falls, are } = reporting()
    falls('denied')
    made.fell('denied')
    are()
    vi.advanceTimersByTime(30_000)
    expect(reports).toEqual(['0 denied', '30000 null'])
    made.close()
  })

  it('are of the one that is down, while one takes the place of another', () => {
    const { made, reports, are } = reporting()
    are(null, 'forbidden-address')
    made.fell('forbidden-address')
    vi.advanceTimersByTime(30_000)
    are('denied')
    vi.advanceTimersByTime(30_000)
    expect(reports).toEqual(['0 forbidden-address', '60000 denied'])
    made.close()
  })
})
