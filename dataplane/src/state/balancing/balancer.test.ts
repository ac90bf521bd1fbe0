import type { Balancing } from '@gatehouse/contract'
import { beforeEach, describe, expect, it } from 'vitest'
import { testClock, type TestClock } from '../../gateway/snapshotFixture.ts'
import { maxInFlight, type PooledAddress } from '../pools.ts'
import { endpoint, pooledUpstream, seededRandom, useOf } from './balancingFixture.ts'
import { Balancers } from './balancers.ts'
import { hash32 } from './hash32.ts'

const byUser: Balancing['pick'] = { type: 'ConsistentHash', key: { type: 'Header', name: 'x-user' } }

let clock: TestClock
let balancers: Balancers
beforeEach(() => {
  clock = testClock()
  balancers = new Balancers(clock, seededRandom())
})

const shares = (pick: () => PooledAddress | null, times = 6000): Map<string, number> => {
  const counts = new Map<string, number>()
  for (let time = 0; time < times; time++) {
    const address = pick()?.address ?? ''
    counts.set(address, (counts.get(address) ?? 0) + 1 / times)
  }
  return counts
}

describe('an address that is new', () => {
  const slowStart = 10_000
  const newcomer = '10.0.0.3:8080'

  /** Three addresses that are known, and one that came a moment ago. */
  function grown(pick: Balancing['pick']) {
    const balancing = { pick, slowStart }
    const use = useOf(balancing)
    balancers.adopt(use([endpoint(0), endpoint(1), endpoint(2)]))
    clock.advance(60_000)
    const gateway = use([endpoint(0), endpoint(1), endpoint(2), endpoint(3)])
    balancers.adopt(gateway)
    return balancers.of(pooledUpstream(gateway), balancing)
  }

  it.each<Balancing['pick']>([{ type: 'RoundRobin' }, { type: 'LeastRequest' }, { type: 'PeakEwma' }])(
    'gets a share that grows evenly: $type',
    (pick) => {
      const balancer = grown(pick)
      const share = (): number => shares(() => balancer.pick(null, null)).get(newcomer) ?? 0
      expect(share()).toBe(0)
      clock.advance(slowStart / 4)
      expect(share()).toBeCloseTo(0.25 / 4, 1)
      clock.advance(slowStart / 2)
      expect(share()).toBeCloseTo(0.75 / 4, 1)
      clock.advance(slowStart / 4)
      expect(share()).toBeCloseTo(1 / 4, 1)
    },
  )

  it('gets keys one after the other, and keeps them', () => {
    const balancer = grown(byUser)
    const keys = Array.from({ length: 2000 }, (_, index) => hash32(`user-${index}`))
    const owners = (): (string | undefined)[] => keys.map((key) => balancer.pick(key, null)?.address)
    const first = owners()
    expect(first).not.toContain(newcomer)
    clock.advance(slowStart / 2)
    const second = owners()
    expect(owners()).toEqual(second)
    clock.advance(slowStart / 2)
    const third = owners()
    second.forEach((owner, index) => owner === newcomer && expect(third[index]).toBe(newcomer))
    third.forEach((owner, index) => owner === newcomer || expect(first[index]).toBe(owner))
    const of = (some: typeof first): number => some.filter((owner) => owner === newcomer).length
    expect(of(second) / of(third)).toBeCloseTo(0.5, 1)
  })

  it('is none of those that were there when the upstream was first known, and none after it has settled', () => {
    const balancing: Balancing = { pick: { type: 'RoundRobin' }, slowStart }
    const gateway = useOf(balancing)([endpoint(0), endpoint(1)])
    balancers.adopt(gateway)
    const balancer = balancers.of(pooledUpstream(gateway), balancing)
    expect(shares(() => balancer.pick(null, null)).get('10.0.0.1:8080')).toBeCloseTo(0.5, 2)
  })

  it('is new again when it comes back, and not merely because another came', () => {
    const balancing: Balancing = { pick: { type: 'RoundRobin' }, slowStart }
    const use = useOf(balancing)
    const seen = (...indices: number[]) => {
      const gateway = use(indices.map((index) => endpoint(index)))
      balancers.adopt(gateway)
      const balancer = balancers.of(pooledUpstream(gateway), balancing)
      return shares(() => balancer.pick(null, null), 100)
    }
    seen(0, 1)
    clock.advance(1000)
    expect([...seen(0, 1, 2).keys()].toSorted()).toEqual(['10.0.0.0:8080', '10.0.0.1:8080'])
    clock.advance(slowStart)
    expect([...seen(0, 2).keys()].toSorted()).toEqual(['10.0.0.0:8080', '10.0.0.2:8080'])
    expect([...seen(0, 1, 2).keys()].toSorted()).toEqual(['10.0.0.0:8080', '10.0.0.2:8080'])
  })

  it('has all there is when all are new', () => {
    const balancing: Balancing = { pick: { type: 'LeastRequest' }, slowStart }
    const use = useOf(balancing)
    balancers.adopt(use([endpoint(0)]))
    const gateway = use([endpoint(1), endpoint(2)])
    balancers.adopt(gateway)
    const balancer = balancers.of(pooledUpstream(gateway), balancing)
    expect(shares(() => balancer.pick(null, null)).get('10.0.0.2:8080')).toBeCloseTo(0.5, 1)
  })
})

describe('an address that was tried', () => {
  it('is taken again only where there is no other', () => {
    const balancing: Balancing = { pick: byUser, slowStart: 0 }
    const two = useOf(balancing)([endpoint(0), endpoint(1)])
    const balancer = balancers.of(pooledUpstream(two), balancing)
    const first = balancer.pick(7, null)
    const second = balancer.pick(7, first)
    expect(second?.address).not.toBe(first?.address)
    expect(balancer.pick(7, null)).toBe(first)
    const one = balancers.of(pooledUpstream(useOf(balancing)([endpoint(0)])), balancing)
    expect(one.pick(7, one.pick(7, null))?.address).toBe('10.0.0.0:8080')
  })
})

describe('an address that is full', () => {
  it('gets nothing', () => {
    const balancing: Balancing = { pick: { type: 'LeastRequest' }, slowStart: 0 }
    const upstream = pooledUpstream(useOf(balancing)([endpoint(0), endpoint(1)]))
    const balancer = balancers.of(upstream, balancing)
    upstream.at(0).inFlight = maxInFlight
    expect([...shares(() => balancer.pick(null, null)).keys()]).toEqual(['10.0.0.1:8080'])
    upstream.at(1).inFlight = maxInFlight
    expect(balancer.pick(null, null)).toBeNull()
  })
})

describe('PeakEwma', () => {
  const balancing: Balancing = { pick: { type: 'PeakEwma' }, slowStart: 0 }

  it('learns from what it is told, over snapshots, and takes failing fast for slow', () => {
    const gateway = useOf(balancing)([endpoint(0), endpoint(1), endpoint(2)])
    const upstream = pooledUpstream(gateway)
    const first = balancers.of(upstream, balancing)
    for (let time = 0; time < 300; time++) {
      const address = first.pick(null, null)!
      if (address.address === '10.0.0.0:8080') address.ended('success', 20)
      else if (address.address === '10.0.0.1:8080') address.ended('success', 200)
      else address.ended('fault', null)
    }
    const again = balancers.of({ ...upstream }, balancing)
    const counts = shares(() => again.pick(null, null))
    expect(counts.get('10.0.0.0:8080')).toBeCloseTo(2 / 3, 1)
    expect(counts.get('10.0.0.1:8080')).toBeCloseTo(1 / 3, 1)
  })

  it('counts requests where they are counted', () => {
    const upstream = pooledUpstream(useOf(balancing)([endpoint(0)]))
    const address = balancers.of(upstream, balancing).pick(null, null)!
    address.inFlight++
    expect([address.inFlight, upstream.at(0).inFlight]).toEqual([1, 1])
    expect(address.pool).toBe(upstream.at(0).pool)
  })
})

describe('a zone', () => {
  it('is preferred by all but ConsistentHash, which must be the same everywhere', () => {
    const endpoints = [endpoint(0, { zones: ['west'] }), endpoint(1, { zones: ['east'] })]
    const used = (pick: Balancing['pick']): number => {
      const balancing: Balancing = { pick, slowStart: 0 }
      const upstream = { ...pooledUpstream(useOf(balancing)(endpoints)), near: [0] }
      const balancer = balancers.of(upstream, balancing)
      const keys = Array.from({ length: 50 }, (_, index) => hash32(`${index}`))
      return new Set(keys.map((key) => balancer.pick(key, null)?.address)).size
    }
    expect(used({ type: 'LeastRequest' })).toBe(1)
    expect(used(byUser)).toBe(2)
  })
})
