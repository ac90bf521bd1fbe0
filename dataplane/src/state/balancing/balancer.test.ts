import type { Balancing } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { maxInFlight, type PooledAddress } from '../pools.ts'
import type { Balancer } from './balancer.ts'
import { balancingBy, balancingWorld, endpoint, type BalancingWorld } from './balancingFixture.ts'
import { hash32 } from './hash32.ts'

const byUser: Balancing['pick'] = { type: 'ConsistentHash', key: { type: 'Header', name: 'x-user' } }
const inTurn: Balancing['pick'] = { type: 'RoundRobin' }
const least: Balancing['pick'] = { type: 'LeastRequest' }

let world: BalancingWorld
beforeEach(() => (world = balancingWorld()))
afterEach(() => world.close())

/** The share of requests that each address gets. */
const shares = (balancer: Balancer, times = 6000): Map<string, number> => {
  const counts = new Map<string, number>()
  for (let time = 0; time < times; time++) {
    const address = balancer.pick(null, null)?.address ?? ''
    counts.set(address, (counts.get(address) ?? 0) + 1 / times)
  }
  return counts
}

const addressesOf = (balancer: Balancer): string[] => [...shares(balancer, 200).keys()].toSorted()

describe('an address that is new', () => {
  const slowStart = 10_000
  const newcomer = '10.0.0.3:8080'
  const known = [endpoint(0), endpoint(1), endpoint(2)]

  /** Three addresses that are known, and one that came a moment ago. */
  function grown(pick: Balancing['pick']): Balancer {
    const balancing = balancingBy(pick, { slowStart })
    world.serve(known, balancing)
    world.clock.advance(60_000)
    return world.serve([...known, endpoint(3)], balancing).balancer
  }

  it.each<Balancing['pick']>([inTurn, least, { type: 'PeakEwma' }])('gets a share that grows evenly: $type', (pick) => {
    const balancer = grown(pick)
    const share = (): number => shares(balancer).get(newcomer) ?? 0
    expect(share()).toBe(0)
    world.clock.advance(slowStart / 4)
    expect(share()).toBeCloseTo(0.25 / 4, 1)
    world.clock.advance(slowStart / 2)
    expect(share()).toBeCloseTo(0.75 / 4, 1)
    world.clock.advance(slowStart / 4)
    expect(share()).toBeCloseTo(1 / 4, 1)
  })

  it('gets keys one after the other, and keeps them', () => {
    const balancer = grown(byUser)
    const keys = Array.from({ length: 2000 }, (_, index) => hash32(`user-${index}`))
    const owners = (): (string | undefined)[] => keys.map((key) => balancer.pick(key, null)?.address)
    const first = owners()
    expect(first).not.toContain(newcomer)
    world.clock.advance(slowStart / 2)
    const second = owners()
    expect(owners()).toEqual(second)
    world.clock.advance(slowStart / 2)
    const third = owners()
    second.forEach((owner, index) => owner === newcomer && expect(third[index]).toBe(newcomer))
    third.forEach((owner, index) => owner === newcomer || expect(first[index]).toBe(owner))
    const of = (some: typeof first): number => some.filter((owner) => owner === newcomer).length
    expect(of(second) / of(third)).toBeCloseTo(0.5, 1)
  })

  it('is none of those that were there when the upstream was first known', () => {
    const { balancer } = world.serve([endpoint(0), endpoint(1)], balancingBy(inTurn, { slowStart }))
    expect(shares(balancer).get('10.0.0.1:8080')).toBeCloseTo(0.5, 2)
  })

  it('is new again when it comes back, and not merely because another came', () => {
    const seen = (...indices: number[]): string[] =>
      addressesOf(
        world.serve(
          indices.map((index) => endpoint(index)),
          balancingBy(inTurn, { slowStart }),
        ).balancer,
      )
    seen(0, 1)
    world.clock.advance(1000)
    expect(seen(0, 1, 2)).toEqual(['10.0.0.0:8080', '10.0.0.1:8080'])
    world.clock.advance(slowStart)
    expect(seen(0, 2)).toEqual(['10.0.0.0:8080', '10.0.0.2:8080'])
    expect(seen(0, 1, 2)).toEqual(['10.0.0.0:8080', '10.0.0.2:8080'])
  })

  it('has all there is when all are new', () => {
    const balancing = balancingBy(least, { slowStart })
    world.serve([endpoint(0)], balancing)
    const { balancer } = world.serve([endpoint(1), endpoint(2)], balancing)
    expect(shares(balancer).get('10.0.0.2:8080')).toBeCloseTo(0.5, 1)
  })
})

describe('an address that was tried', () => {
  it('is taken again only where there is no other', () => {
    const { balancer } = world.serve([endpoint(0), endpoint(1)], balancingBy(byUser))
    const first = balancer.pick(7, null)
    const second = balancer.pick(7, first)
    expect(second?.address).not.toBe(first?.address)
    expect(balancer.pick(7, null)).toBe(first)
    const { balancer: alone } = world.serve([endpoint(0)], balancingBy(byUser))
    expect(alone.pick(7, alone.pick(7, null))?.address).toBe('10.0.0.0:8080')
  })
})

describe('an address that is full', () => {
  it('gets nothing', () => {
    const { balancer, upstream } = world.serve([endpoint(0), endpoint(1)], balancingBy(least))
    upstream.at(0).inFlight = maxInFlight
    expect(addressesOf(balancer)).toEqual(['10.0.0.1:8080'])
    upstream.at(1).inFlight = maxInFlight
    expect(balancer.pick(null, null)).toBeNull()
  })
})

describe('PeakEwma', () => {
  const balancing = balancingBy({ type: 'PeakEwma' })

  it('learns from what it is told, over snapshots, and takes failing fast for slow', () => {
    const endpoints = [endpoint(0), endpoint(1), endpoint(2)]
    const { balancer } = world.serve(endpoints, balancing)
    for (let time = 0; time < 300; time++) {
      const address = balancer.pick(null, null)!
      if (address.address === '10.0.0.0:8080') address.ended('success', 20, 200)
      else if (address.address === '10.0.0.1:8080') address.ended('success', 200, 200)
      else address.ended('fault', null, null)
    }
    const counts = shares(world.serve(endpoints, balancing).balancer)
    expect(counts.get('10.0.0.0:8080')).toBeCloseTo(2 / 3, 1)
    expect(counts.get('10.0.0.1:8080')).toBeCloseTo(1 / 3, 1)
  })

  it('counts requests where they are counted', () => {
    const { balancer, upstream } = world.serve([endpoint(0)], balancing)
    const address = balancer.pick(null, null)!
    address.inFlight++
    expect([address.inFlight, upstream.at(0).inFlight]).toEqual([1, 1])
    expect(address.pool).toBe(upstream.at(0).pool)
  })
})

describe('a zone', () => {
  it('is preferred by all but ConsistentHash, which must be the same everywhere', async () => {
    const west = balancingWorld('west')
    const endpoints = [endpoint(0, { zones: ['west'] }), endpoint(1, { zones: ['east'] })]
    const used = (pick: Balancing['pick']): number => {
      const { balancer } = west.serve(endpoints, balancingBy(pick))
      const keys = Array.from({ length: 50 }, (_, index) => hash32(`${index}`))
      return new Set(keys.map((key) => balancer.pick(key, null)?.address)).size
    }
    expect(used(least)).toBe(1)
    expect(used(byUser)).toBe(2)
    await west.close()
  })
})

describe('an address at which requests fail', () => {
  const passive = { consecutiveErrors: 2, ejectFor: 60_000, maxEjectionPercent: 50 }
  const fail = (address: PooledAddress | null): void => address?.ended('fault', 5, 503)

  it('gets none, for as long as the check says, and over snapshots', () => {
    const endpoints = [endpoint(0), endpoint(1)]
    const balancing = balancingBy(least, { passive })
    const { balancer } = world.serve(endpoints, balancing)
    const bad = balancer.pick(null, null)!
    fail(bad)
    expect(addressesOf(balancer)).toHaveLength(2)
    fail(bad)
    expect(addressesOf(balancer)).not.toContain(bad.address)
    expect(addressesOf(world.serve(endpoints, balancing).balancer)).not.toContain(bad.address)
    expect(world.changes).toEqual([`endpoint-ejected ${bad.address}`])
  })

  it.each<[string, Parameters<PooledAddress['ended']>]>([
    ['is answered', ['success', 5, 200]],
    ['fails by the fault of the application', ['fault', 5, 500]],
  ])('gets them when one between %s', (_, ended) => {
    const { balancer } = world.serve([endpoint(0), endpoint(1)], balancingBy(least, { passive }))
    const address = balancer.pick(null, null)!
    fail(address)
    address.ended(...ended)
    fail(address)
    expect(world.changes).toEqual([])
    address.ended('neutral', null, null)
    fail(address)
    expect(world.changes).toHaveLength(1)
  })

  it('is asked all the same where too few would be left', () => {
    const endpoints = [0, 1, 2, 3].map((index) => endpoint(index))
    const all = { ...passive, maxEjectionPercent: 100 }
    const { balancer, upstream } = world.serve(endpoints, balancingBy(inTurn, { passive: all }))
    const ejectNext = (): void => {
      const address = balancer.pick(null, null)
      for (let time = 0; time < 2; time++) fail(address)
    }
    for (let left = 3; left >= 2; left--) {
      ejectNext()
      expect(addressesOf(balancer)).toHaveLength(left)
    }
    ejectNext()
    expect(addressesOf(balancer)).toHaveLength(4)
    expect(upstream.addresses).toHaveLength(4)
  })

  it('leaves nothing without panic', () => {
    const all = { ...passive, consecutiveErrors: 1, maxEjectionPercent: 100 }
    const { balancer } = world.serve([endpoint(0)], balancingBy(inTurn, { passive: all, panicThreshold: 0 }))
    fail(balancer.pick(null, null))
    expect(balancer.pick(null, null)).toBeNull()
  })
})
