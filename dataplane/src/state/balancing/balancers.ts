import type { Balancing } from '@gatehouse/contract'
import type { Gateway } from '../../gateway/gateway.ts'
import { HealthBook, type HealthOptions } from '../health/healthBook.ts'
import type { HealthState } from '../health/checkedUpstream.ts'
import type { PooledAddress, PooledUpstream } from '../pools.ts'
import { Balancer } from './balancer.ts'
import { Latency } from './latency.ts'
import { Rosters } from './rosters.ts'

/** What decides which address a request goes to, where a rule says more than one after the other. */
export class Balancers {
  readonly #options: HealthOptions
  readonly #rosters = new Rosters()
  readonly #health: HealthBook
  readonly #latencies = new WeakMap<PooledAddress, Latency>()
  readonly #balancers = new WeakMap<PooledUpstream, Map<Balancing, Balancer>>()

  constructor(options: HealthOptions) {
    this.#options = options
    this.#health = new HealthBook(options)
  }

  /** Takes note of what a gateway knows and wants checked, before it serves. @param gateway - null = nothing serves */
  adopt(gateway: Gateway | null): void {
    if (gateway !== null) this.#rosters.adopt(gateway, this.#options.clock.monotonic())
    this.#health.adopt(gateway)
  }

  /** @param balancing - of a rule, the same object each time */
  of(upstream: PooledUpstream, balancing: Balancing): Balancer {
    let known = this.#balancers.get(upstream)
    if (known === undefined) this.#balancers.set(upstream, (known = new Map()))
    let balancer = known.get(balancing)
    if (balancer === undefined) known.set(balancing, (balancer = this.#balancer(upstream, balancing)))
    return balancer
  }

  /** The states of the addresses of each upstream that is checked. */
  states(): Iterable<readonly [upstream: string, states: readonly HealthState[]]> {
    return this.#health.states()
  }

  /** Probes nothing more. */
  close(): void {
    this.#health.close()
  }

  #balancer(upstream: PooledUpstream, balancing: Balancing): Balancer {
    const { clock, random } = this.#options
    return new Balancer(upstream, balancing, {
      now: () => clock.monotonic(),
      random,
      since: (place) => this.#rosters.since(upstream.name, upstream.addresses[place]!),
      latencyOf: (address) => this.#latencyOf(address),
      health: this.#health.of(upstream.name, balancing),
    })
  }

  #latencyOf(address: PooledAddress): Latency {
    let latency = this.#latencies.get(address)
    if (latency === undefined) this.#latencies.set(address, (latency = new Latency()))
    return latency
  }
}
