import type { Balancing, Endpoint, Resource } from '@gatehouse/contract'
import type { BuiltGateway } from '../../gateway/build.ts'
import {
  build,
  forwardTo,
  installation,
  listener,
  policy,
  route,
  rule,
  testClock,
  upstream,
  type TestClock,
} from '../../gateway/snapshotFixture.ts'
import { createGatewayState } from '../gatewayState.ts'
import { NamespaceLoads } from '../namespaceLoads.ts'
import { Pools, type PooledUpstream } from '../pools.ts'
import type { Balancer } from './balancer.ts'
import { Balancers } from './balancers.ts'
import { hash32, mix32 } from './hash32.ts'
import type { Addresses } from './picker.ts'

/** What tests of balancing need: randomness that is the same each time, and addresses that nothing is behind. */

/** From 0 up to, but not including, 1. */
export function seededRandom(seed = 1): () => number {
  let state = seed
  return () => mix32((state = (state + 0x9e3779b9) | 0)) / 2 ** 32
}

export const endpoint = (index: number, over: Partial<Endpoint> = {}): Endpoint => ({
  address: `10.0.${index >> 8}.${index & 255}`,
  port: 8080,
  zones: [],
  draining: false,
  ...over,
})

/** Addresses with so many requests under way, and so many milliseconds to an answer. */
export const addressesWith = (inFlight: readonly number[], latencies: readonly number[] = []): Addresses => ({
  inFlight: (place) => inFlight[place] ?? 0,
  latency: (place) => latencies[place] ?? 0,
  seed: (place) => hash32(endpoint(place).address),
})

export const placesUpTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place)

/** How often each place was chosen. */
export function tally(times: number, count: number, choose: () => number): number[] {
  const counts = Array.from({ length: count }, () => 0)
  for (let time = 0; time < times; time++) counts[choose()]! += 1
  return counts
}

const name = 'shop/orders:80'

/** A rule that says no more than this of its balancing. */
export const balancingBy = (pick: Balancing['pick'], over: Partial<Balancing> = {}): Balancing => ({
  pick,
  slowStart: 0,
  panicThreshold: 50,
  active: null,
  passive: null,
  ...over,
})

/** What there is after a snapshot. */
export interface Served {
  readonly upstream: PooledUpstream
  readonly balancer: Balancer
}

/** Pools and balancers of a data plane, with nothing behind its addresses. */
export interface BalancingWorld {
  readonly clock: TestClock
  readonly balancers: Balancers
  /** What the log would say: the change and the address. */
  readonly changes: readonly string[]
  /** Makes these the endpoints of one upstream, and this the balancing of the rule that goes there. */
  serve(addresses: readonly Endpoint[], balancing: Balancing): Served
  close(): Promise<void>
}

/** @param zone - of the data plane */
export function balancingWorld(zone: string | null = null): BalancingWorld {
  const clock = testClock()
  const random = seededRandom()
  const state = createGatewayState({ clock, random })
  const pools = new Pools({ permits: () => true, clock, random, zone, loads: new NamespaceLoads() })
  const changes: string[] = []
  const balancers = new Balancers({
    clock,
    random,
    pools,
    changed: (change, _upstream, address) => void changes.push(`${change} ${address}`),
  })
  let previous: BuiltGateway | undefined
  return {
    clock,
    balancers,
    changes,
    serve: (addresses, balancing) => {
      const endpoints: Resource = { kind: 'endpoints', name, spec: { addresses: [...addresses] } }
      const served = route({ rules: [rule({ action: { ...forwardTo(name), balancing } })] })
      const resources = [installation(), listener(), upstream(name), endpoints, policy(), served]
      const built = build(resources, { state, clock, ...(previous && { previous }) })
      previous = built
      balancers.adopt(built.gateway)
      const pooled = pools.upstream(built.gateway, name, 0)!
      return { upstream: pooled, balancer: balancers.of(pooled, built.gateway.balanced[0]!.balancing) }
    },
    close: async () => {
      balancers.close()
      await pools.close()
      state.close()
    },
  }
}
