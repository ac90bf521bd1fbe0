import type { ActiveCheck } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connections } from '../connections.ts'
import { maxConnections, type PooledAddress, type PooledUpstream } from '../pools.ts'
import { mostProbes, Pace } from './pace.ts'
import { Prober } from './prober.ts'

type Dispatched = Parameters<Connections['dispatch']>
type Answer = (...dispatched: Dispatched) => void

const check: ActiveCheck = {
  path: '/healthz?deep=1',
  interval: 1000,
  timeout: 500,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  expectedStatuses: [200, 204],
}

let asked: string[]
let answer: Answer
let changes: string[]
let pace: Pace
let busy: number
const open: Prober[] = []
beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  changes = []
  pace = new Pace()
  busy = 0
})
afterEach(() => {
  for (const one of open.splice(0)) one.close()
  vi.advanceTimersByTime(10_000)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const idle = { abort: () => {}, pause: () => {}, resume: () => {} }
const status =
  (code: number): Answer =>
  (_request, handler) => {
    handler.onRequestStart(idle)
    handler.onResponseStart(idle, code, {})
  }
const silence: Answer = () => {}

class AskedConnections implements Connections {
  readonly closed = false
  readonly stats = { connected: 0 }
  readonly #address: string

  constructor(address: string) {
    this.#address = address
  }

  dispatch(...[request, handler]: Dispatched): void {
    asked.push(`${request.method} ${this.#address}${request.path}`)
    answer(request, handler)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  destroy(): Promise<void> {
    return Promise.resolve()
  }
}

/** An upstream whose addresses answer as they are told, and remember what they were asked. */
function upstreamOf(addresses: readonly string[]): PooledUpstream {
  const pooled = addresses.map((address): PooledAddress => {
    return { pool: new AskedConnections(address), address, inFlight: busy, ended: () => {} }
  })
  const endpoints = addresses.map((address) => ({ address, port: 80, zones: [], draining: false }))
  const all = [...addresses.keys()]
  return {
    ...{
      name: 'shop/orders:80',
      authority: 'orders.shop:80',
      owner: 'shop',
      addresses: endpoints,
      asked: all,
      near: all,
    },
    at: (place) => pooled[place]!,
    next: () => null,
  }
}

function start(addresses: readonly string[], over: Partial<ActiveCheck> = {}): Prober {
  const upstream = upstreamOf(addresses)
  const prober = new Prober(
    'shop',
    { ...check, ...over },
    {
      pace,
      random: () => 0.5,
      upstream: () => upstream,
      changed: (address, healthy) => void changes.push(`${healthy ? '+' : '-'}${address}`),
    },
  )
  open.push(prober)
  prober.watch(addresses)
  return prober
}

describe('a prober', () => {
  it('asks each address once an interval', () => {
    answer = status(200)
    start(['a', 'b'])
    vi.advanceTimersByTime(499)
    expect(asked).toEqual([])
    vi.advanceTimersByTime(5000)
    expect(asked.filter((one) => one === 'GET a/healthz?deep=1')).toHaveLength(5)
    expect(asked).toHaveLength(10)
  })

  it('says that an address is unhealthy after so many failures in a row, and healthy after so many successes', () => {
    answer = status(503)
    const prober = start(['a'])
    expect(prober.isHealthy('a')).toBe(true)
    vi.advanceTimersByTime(2000)
    answer = status(204)
    vi.advanceTimersByTime(1000)
    answer = status(503)
    vi.advanceTimersByTime(2000)
    expect(prober.isHealthy('a')).toBe(true)
    vi.advanceTimersByTime(1000)
    expect([prober.isHealthy('a'), prober.version]).toEqual([false, 1])
    answer = status(200)
    vi.advanceTimersByTime(1000)
    expect(prober.isHealthy('a')).toBe(false)
    vi.advanceTimersByTime(1000)
    expect([prober.isHealthy('a'), prober.version]).toEqual([true, 2])
    expect(changes).toEqual(['-a', '+a'])
  })

  it.each<[string, Answer]>([
    ['another status', status(302)],
    ['no answer', silence],
    ['an interim answer alone', status(100)],
    ['an error', (_request, handler) => handler.onResponseError(idle, new Error('refused'))],
  ])('takes for a failure: %s', (_, failing) => {
    answer = failing
    const prober = start(['a'], { unhealthyThreshold: 1 })
    vi.advanceTimersByTime(1000)
    expect(prober.isHealthy('a')).toBe(false)
  })

  it('draws no conclusion where requests have all connections', () => {
    busy = maxConnections
    answer = silence
    const prober = start(['a'], { unhealthyThreshold: 1 })
    vi.advanceTimersByTime(10_000)
    expect(asked.length).toBeGreaterThan(3)
    expect(prober.isHealthy('a')).toBe(true)
  })

  it('forgets an address that goes, and begins anew when it comes back', () => {
    answer = status(503)
    const prober = start(['a', 'b'], { unhealthyThreshold: 1 })
    vi.advanceTimersByTime(600)
    expect(prober.isHealthy('b')).toBe(false)
    prober.watch(['a'])
    const { length } = asked
    vi.advanceTimersByTime(3000)
    expect(asked.slice(length).every((one) => one.startsWith('GET a'))).toBe(true)
    prober.watch(['a', 'b'])
    expect(prober.isHealthy('b')).toBe(true)
  })

  it('asks nothing more once it is closed, whatever is on its way', () => {
    answer = silence
    const prober = start(['a'], { unhealthyThreshold: 1 })
    vi.advanceTimersByTime(700)
    prober.close()
    vi.advanceTimersByTime(10_000)
    expect([asked.length, changes]).toEqual([1, []])
  })
})

describe('the pace', () => {
  it('makes intervals longer where a namespace wants too many probes', () => {
    answer = status(200)
    start(Array.from({ length: 200 }, (_, index) => `a${index}`))
    vi.advanceTimersByTime(20_000)
    expect(asked.length / 20).toBeLessThanOrEqual(mostProbes.namespace * 1.1)
    expect(asked.length / 20).toBeGreaterThan(mostProbes.namespace * 0.8)
  })

  it('gives back what is no longer used', () => {
    answer = status(200)
    const prober = start(Array.from({ length: 200 }, (_, index) => `a${index}`))
    expect(pace.stretch('shop')).toBe(4)
    prober.close()
    expect(pace.stretch('shop')).toBe(1)
  })
})
