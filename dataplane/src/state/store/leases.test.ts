import type { StoreFault } from '@gatehouse/contract'
import { expect, it, onTestFinished, vi } from 'vitest'
import { charge, fitsAt, meterOf, remainingOf, resetOf, settle, type Meter } from '../../policy/meter.ts'
import { Leases } from './leases.ts'
import type { SharedMeter, StorePhase } from './phase.ts'

const second = 1_000_000
const deadline = 40

/** A store of one counter for each key, asked at a time that the test sets. */
function fakeStore() {
  const cells = new Map<string, Float64Array>()
  const state = { now: 1_000_000 * second, calls: 0, fault: null as StoreFault | null }
  const ask = (_mode: string, meters: readonly SharedMeter[]): Promise<StorePhase | StoreFault> => {
    state.calls++
    if (state.fault !== null) return Promise.resolve(state.fault)
    const own = meters.map(({ key }) => cells.get(key) ?? cells.set(key, new Float64Array(4)).get(key)!)
    meters.forEach(({ meter }, index) => settle(meter, own[index]!, 0, state.now))
    const waits = meters.map(({ meter, cost }, index) => Math.max(0, fitsAt(meter, own[index]!, 0, cost) - state.now))
    const passed = waits.every((wait) => wait === 0)
    const counts = meters.map(({ meter, cost, most }, index) => {
      const left = remainingOf(meter, own[index]!, 0, state.now)
      const taken = passed ? Math.max(cost, Math.min(most, left)) : 0
      charge(meter, own[index]!, 0, taken)
      const remaining = remainingOf(meter, own[index]!, 0, state.now)
      return { taken, wait: waits[index]!, remaining, reset: resetOf(meter, own[index]!, 0, state.now) }
    })
    return Promise.resolve({ passed, counts })
  }
  return {
    state,
    /** As `gatehouse quota reset` does. */
    forget: () => cells.clear(),
    leases: ({ most, dataPlanes = 1 }: { readonly most?: number; readonly dataPlanes?: number } = {}) =>
      new Leases(ask, {
        now: () => state.now,
        deadline,
        dataPlanes: () => dataPlanes,
        ...(most === undefined ? {} : { most }),
      }),
  }
}

const hundred = (algorithm: Meter['algorithm']): Meter => meterOf(algorithm, { limit: 100, burst: 100, window: 1000 })
const leased = (meter: Meter, key = 'k'): SharedMeter => ({ key, meter, cost: 1, most: 10 })

async function admitted(leases: Leases, meters: readonly SharedMeter[], requests: number): Promise<number> {
  let count = 0
  for (let request = 0; request < requests; request++) {
    const phase = await leases.count('ask', meters, 'shop')
    if (typeof phase !== 'string' && phase.passed) count++
  }
  return count
}

it.each([
  // The tenth share leaves nothing, and nobody asks before some is back.
  ['TokenBucket', 10],
  // Ten shares, and one that was refused.
  ['SlidingWindow', 11],
  ['FixedWindow', 11],
] as const)(
  'lets through what the limit allows and no more, with a call for each share: %s',
  async (algorithm, calls) => {
    const { state, leases } = fakeStore()
    const meter = hundred(algorithm)
    expect(await admitted(leases(), [leased(meter)], 300)).toBe(100)
    expect(state.calls).toBe(calls)
  },
)

const seconds = 20

/** Four data planes, of which some are asked in turn. @param rate - requests a second */
async function pressed(asked: number, meter: Meter, rate: number) {
  const { state, leases } = fakeStore()
  const fleet = [1, 2, 3, 4].map(() => leases({ dataPlanes: 4 }))
  let passed = 0
  for (let request = 0; request < rate * seconds; request++) {
    state.now += Math.round(second / rate)
    passed += await admitted(fleet[request % asked]!, [leased(meter)], 1)
  }
  return { passed, calls: state.calls }
}

it.each([4, 2, 1])(
  'asks once for each share of a bucket, at three times the limit of which %i of four are asked',
  async (asked) => {
    const { passed, calls } = await pressed(asked, hundred('TokenBucket'), 300)
    expect(passed).toBeGreaterThan(0.98 * 100 * seconds)
    expect(passed).toBeLessThanOrEqual(100 * (seconds + 1) + 40)
    // A share is a tenth of the limit.
    expect(calls).toBeLessThanOrEqual(1.2 * 10 * (seconds + 1))
  },
)

it.each([4, 2, 1])(
  'asks no more often than shares flow back into a sliding window, when %i of four are asked',
  async (asked) => {
    const { passed, calls } = await pressed(asked, hundred('SlidingWindow'), 300)
    expect(passed).toBeGreaterThan(0.92 * 100 * seconds)
    expect(passed).toBeLessThanOrEqual(100 * (seconds + 1) + 40)
    expect(calls).toBeLessThanOrEqual(1.4 * asked * 10 * (seconds + 1))
  },
)

it.each([4, 1])('loses nothing of a bucket that holds two shares alone, when %i of four are asked', async (asked) => {
  const { passed } = await pressed(asked, meterOf('TokenBucket', { limit: 100, burst: 20, window: 1000 }), 300)
  expect(passed).toBeGreaterThan(0.98 * 100 * seconds)
})

it.each([4, 1])('loses nothing of a bucket that holds less than a share, when %i of four are asked', async (asked) => {
  const { passed } = await pressed(asked, meterOf('TokenBucket', { limit: 100, burst: 5, window: 1000 }), 300)
  expect(passed).toBeGreaterThan(0.98 * 100 * seconds)
})

it('gives each unit of a slow bucket out within a second of the moment at which it is there', async () => {
  const { state, leases } = fakeStore()
  const [one, slow] = [leases({ dataPlanes: 4 }), meterOf('TokenBucket', { limit: 105, burst: 105, window: 3_600_000 })]
  expect(await admitted(one, [leased(slow)], 105)).toBe(100)
  state.now += second
  expect(await admitted(one, [leased(slow)], 105)).toBe(5)
  state.now += 36 * second
  expect(await admitted(one, [leased(slow)], 105)).toBe(1)
})

it('asks once for all that come at the same time', async () => {
  const { state, leases } = fakeStore()
  const one = leases()
  const phases = await Promise.all(
    Array.from({ length: 10 }, () => one.count('ask', [leased(hundred('FixedWindow'))], 'shop')),
  )
  expect(phases.every((phase) => typeof phase !== 'string' && phase.passed)).toBe(true)
  expect(state.calls).toBe(1)
})

it('loses what is left when the window ends in which it was taken', async () => {
  const { state, leases } = fakeStore()
  const one = leases()
  const meter = hundred('FixedWindow')
  expect(await admitted(one, [leased(meter)], 1)).toBe(1)
  state.now += second
  expect(await admitted(one, [leased(meter)], 1)).toBe(1)
  expect(state.calls).toBe(2)
})

it('gives back what it gave out when another meter of the phase refuses', async () => {
  const { leases } = fakeStore()
  const one = leases()
  const meter = hundred('FixedWindow')
  const full: SharedMeter = { key: 'full', meter: { ...meter, limit: 1, burst: 1 }, cost: 1, most: 1 }
  expect(await admitted(one, [leased(meter), full], 50)).toBe(1)
  expect(await admitted(one, [leased(meter)], 300)).toBe(99)
})

it('says nothing of a meter that was not asked because another refuses', async () => {
  const { state, leases } = fakeStore()
  const one = leases()
  const spent = leased(hundred('FixedWindow'), 'spent')
  await admitted(one, [spent], 101)
  const { calls } = state
  const unknown = [leased(hundred('FixedWindow'), 'never asked'), { ...spent, key: 'not leased', most: 1 }]
  const phase = await one.count('ask', [spent, ...unknown], 'shop')
  expect(phase).toEqual({ passed: false, counts: [expect.objectContaining({ remaining: 0, taken: 0 }), null, null] })
  expect(state.calls).toBe(calls)
})

it('is refused no longer than ten seconds by what the store said before a counter began anew', async () => {
  const { state, leases, forget } = fakeStore()
  const [one, hourly] = [leases(), meterOf('FixedWindow', { limit: 100, burst: 100, window: 3_600_000 })]
  state.now = 3600 * second * 1000
  expect(await admitted(one, [leased(hourly)], 200)).toBe(100)
  const calls = state.calls
  state.now += 9 * second
  const phase = await one.count('ask', [leased(hourly)], 'shop')
  expect(phase).toMatchObject({ passed: false, counts: [{ wait: 3591 * second }] })
  expect(state.calls).toBe(calls)
  forget()
  state.now += second
  expect(await admitted(one, [leased(hourly)], 1)).toBe(1)
})

it('has room for what costs less than what was refused', async () => {
  const { leases } = fakeStore()
  const one = leases()
  const asked = leased(hundred('FixedWindow'))
  const large = { ...asked, cost: 60, most: 60 }
  const larger = { ...large, most: 61 }
  expect(await admitted(one, [large], 1)).toBe(1)
  expect(await admitted(one, [larger], 2)).toBe(0)
  expect(await admitted(one, [asked], 300)).toBe(40)
})

it('takes no share that it cannot remember, and does not look for room with each request', async () => {
  const { state, leases } = fakeStore()
  const one = leases({ most: 1 })
  const meter = hundred('FixedWindow')
  expect(await admitted(one, [leased(meter, 'first')], 1)).toBe(1)
  expect(await admitted(one, [leased(meter, 'second')], 300)).toBe(100)
  state.now += second
  expect(await admitted(one, [leased(meter, 'second')], 300)).toBe(100)
  // A hundred and those refused, each by itself; in the next window it has the room of the first.
  expect(state.calls).toBe(1 + 300 + 11)
})

it('keeps room for the leases of a namespace whatever another one asks for', async () => {
  const { state, leases } = fakeStore()
  const one = leases({ most: 10 })
  const daily = meterOf('FixedWindow', { limit: 100, burst: 100, window: 86_400_000 })
  for (let key = 0; key < 100; key++) await one.count('ask', [leased(daily, `evil-${key}`)], 'evil')
  const before = state.calls
  expect(await admitted(one, [leased(daily)], 10)).toBe(10)
  expect(state.calls - before).toBe(1)
})

it('goes on giving out what it has while nothing is known of the store, and then tells so', async () => {
  const { state, leases } = fakeStore()
  const one = leases()
  await admitted(one, [leased(hundred('FixedWindow'))], 1)
  state.fault = 'timeout'
  expect(await admitted(one, [leased(hundred('FixedWindow'))], 9)).toBe(9)
  expect(await one.count('ask', [leased(hundred('FixedWindow'))], 'shop')).toBe('timeout')
})

it('waits for the calls of others and its own no longer than for one', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let calls = 0
  // Each call brings what one request costs, and takes most of the time that one may.
  const ask = (_mode: string, meters: readonly SharedMeter[]): Promise<StorePhase> => {
    calls++
    const counts = meters.map(({ cost }) => ({ taken: cost, wait: 0, remaining: 1000, reset: second }))
    return new Promise((resolve) => setTimeout(() => resolve({ passed: true, counts }), 30))
  }
  const one = new Leases(ask, { now: () => performance.now() * 1000, deadline, dataPlanes: () => 1 })
  const began = performance.now()
  const asked = { ...leased(hundred('FixedWindow')), cost: 5 }
  const requests = Array.from({ length: 6 }, async () => {
    const phase = await one.count('ask', [asked], 'shop')
    return [typeof phase === 'string' ? phase : phase.passed, Math.round(performance.now() - began)]
  })
  await vi.advanceTimersByTimeAsync(200)
  // The driven clock counts the turn of the event loop as a millisecond.
  const late = ['timeout', deadline + 1]
  expect(await Promise.all(requests)).toEqual([[true, 30], late, late, late, late, late])
  // The first, and the one that another began while it had time.
  expect(calls).toBe(2)
})
