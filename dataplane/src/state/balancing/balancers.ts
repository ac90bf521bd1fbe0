import type { Balancing } from '@gatehouse/contract'
import type { Clock } from '../../clock.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { PooledAddress, PooledUpstream } from '../pools.ts'
import { Balancer } from './balancer.ts'
import { Latency } from './latency.ts'
import { Rosters } from './rosters.ts'

/** What decides which address a request goes to, where a rule says more than one after the other. */
export class Balancers {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #rosters = new Rosters()
  readonly #latencies = new WeakMap<PooledAddress, Latency>()
  readonly #balancers = new WeakMap<PooledUpstream, Map<Balancing, Balancer>>()

  /** @param random - from 0 up to, but not including, 1 */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** Takes note of what a gateway knows, before it serves. */
  adopt(gateway: Pick<Gateway, 'balanced' | 'upstreams'>): void {
    this.#rosters.adopt(gateway, this.#clock.monotonic())
  }

  /** @param balancing - of a rule, the same object each time */
  of(upstream: PooledUpstream, balancing: Balancing): Balancer {
    let known = this.#balancers.get(upstream)
    if (known === undefined) this.#balancers.set(upstream, (known = new Map()))
    let balancer = known.get(balancing)
    if (balancer === undefined) known.set(balancing, (balancer = this.#balancer(upstream, balancing)))
    return balancer
  }

  #balancer(upstream: PooledUpstream, balancing: Balancing): Balancer {
    return new Balancer(upstream, balancing, {
      now: () => this.#clock.monotonic(),
      random: this.#random,
      since: (place) => this.#rosters.since(upstream.name, upstream.addresses[place]!),
      latencyOf: (address) => this.#latencyOf(address),
    })
  }

  #latencyOf(address: PooledAddress): Latency {
    let latency = this.#latencies.get(address)
    if (latency === undefined) this.#latencies.set(address, (latency = new Latency()))
    return latency
  }
}
