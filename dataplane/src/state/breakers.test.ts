import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Breakers, type BreakerCall, type BreakerSettings, type CallOutcome } from './breakers.ts'

const settings: BreakerSettings = { errorPercent: 50, minRequests: 4, window: 10_000, openFor: 5_000, slowCall: null }
const key = 'shop/orders/all shop/orders:80'

let breakers: Breakers
beforeEach(() => {
  vi.useFakeTimers()
  breakers = new Breakers({ now: () => Date.now(), monotonic: () => performance.now() })
})
afterEach(() => {
  breakers.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const state = (): string | undefined => [...breakers.states()][0]?.state

function enter(over: Partial<BreakerSettings> = {}): BreakerCall {
  const entered = breakers.enter(key, { ...settings, ...over })
  if ('retryIn' in entered) throw new Error('the circuit is open')
  return entered
}

const refused = (): number | null => {
  const entered = breakers.enter(key, settings)
  return 'retryIn' in entered ? entered.retryIn : null
}

async function calls(...outcomes: CallOutcome[]): Promise<void> {
  for (const outcome of outcomes) enter().report(outcome)
  await vi.advanceTimersByTimeAsync(0)
}

const trip = (): Promise<void> => calls('fault', 'fault', 'fault', 'fault')

describe('a closed circuit', () => {
  it('opens at the percentage, not below it', async () => {
    await calls('success', 'success', 'success', 'fault', 'fault')
    expect(state()).toBe('closed')
    await calls('fault')
    expect(state()).toBe('open')
  })

  it('opens at 100 percent', async () => {
    breakers.enter(key, { ...settings, errorPercent: 100 })
    for (let count = 0; count < 4; count++) enter({ errorPercent: 100 }).report('fault')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('open')
  })

  it('waits for the least number of requests', async () => {
    await calls('fault', 'fault', 'fault')
    expect(state()).toBe('closed')
    await calls('fault')
    expect(state()).toBe('open')
  })

  it('takes no notice of neutral calls, neither as faults nor among all', async () => {
    await calls(...Array.from({ length: 100 }, () => 'neutral' as const), 'fault', 'fault', 'fault')
    expect(state()).toBe('closed')
    await calls('fault')
    expect(state()).toBe('open')
  })

  it('forgets what the window has left behind', async () => {
    await calls('fault', 'fault', 'fault')
    await vi.advanceTimersByTimeAsync(11_000)
    await calls('fault')
    expect(state()).toBe('closed')
  })

  it('counts a call once', async () => {
    const call = enter()
    for (let count = 0; count < 10; count++) call.report('fault')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('closed')
  })

  it('has a key of its own', async () => {
    await trip()
    expect('retryIn' in breakers.enter(`${key}0`, settings)).toBe(false)
  })
})

describe('an open circuit', () => {
  it('refuses and says for how long', async () => {
    await trip()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(refused()).toBe(4_000)
  })

  it('lets one probe through, whose success closes it', async () => {
    await trip()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(state()).toBe('half-open')
    const probe = enter()
    for (let count = 0; count < 10; count++) expect(refused()).not.toBeNull()
    probe.report('success')
    expect(refused()).not.toBeNull()
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('closed')
    expect(refused()).toBeNull()
  })

  it('is opened again by a failed probe', async () => {
    await trip()
    await vi.advanceTimersByTimeAsync(5_000)
    enter().report('fault')
    await vi.advanceTimersByTimeAsync(0)
    expect(refused()).toBe(5_000)
  })

  it('takes another probe when one says nothing', async () => {
    await trip()
    await vi.advanceTimersByTimeAsync(5_000)
    enter().report('neutral')
    expect(state()).toBe('half-open')
    enter().report('success')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('closed')
  })

  it('takes another probe when one has said nothing for as long as it was open', async () => {
    await trip()
    await vi.advanceTimersByTimeAsync(5_000)
    const slow = enter()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(refused()).toBe(2_000)
    await vi.advanceTimersByTimeAsync(2_000)
    const second = enter()
    // The end of the first does not make room for a third beside the second.
    slow.report('neutral')
    expect(refused()).toBe(5_000)
    second.report('success')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('closed')
  })

  it('takes the word of a probe that another one has followed', async () => {
    await trip()
    await vi.advanceTimersByTimeAsync(5_000)
    const slow = enter()
    await vi.advanceTimersByTimeAsync(5_000)
    enter()
    slow.report('success')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('closed')
  })

  it.each(['success', 'fault'] as const)('is not moved by the %s of a call from before', async (outcome) => {
    const stale = enter()
    const another = enter()
    await trip()
    stale.report(outcome)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(state()).toBe('half-open')
    another.report(outcome)
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('half-open')
    expect(refused()).toBeNull()
  })
})

describe('new settings', () => {
  it('keep the counts', async () => {
    await calls('fault', 'fault', 'fault')
    enter({ minRequests: 5 }).report('fault')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('closed')
    enter({ minRequests: 5 }).report('fault')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('open')
  })

  it('keep the rotation of the window', async () => {
    await calls('fault', 'fault', 'fault')
    enter({ minRequests: 5 }).report('fault')
    await vi.advanceTimersByTimeAsync(11_000)
    enter({ minRequests: 5 }).report('fault')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toBe('closed')
  })

  it('do not close an open circuit', async () => {
    await trip()
    expect('retryIn' in breakers.enter(key, { ...settings, window: 20_000, openFor: 1_000, slowCall: null })).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(state()).toBe('half-open')
  })
})

describe('memory', () => {
  it('is given back when nothing calls any more', async () => {
    await trip()
    await vi.advanceTimersByTimeAsync(70_000)
    expect([...breakers.states()]).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([...breakers.states()]).toHaveLength(0)
    // The sweep itself goes on; windows are no longer turned.
    expect(vi.getTimerCount()).toBe(1)
  })
})
