import type { Endpoint } from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import type { Gateway, UpstreamView } from '../gateway/gateway.ts'
import { addressText } from './addressText.ts'
import { rulesKeyOf } from './addressRules.ts'
import { askedOf, nearestOf } from './balancing/nearest.ts'
import type { CallOutcome } from './breakers.ts'
import { systemResolve, type Resolve } from './checkedDialer.ts'
import type { Connections } from './connections.ts'
import type { NamespaceLoads } from './namespaceLoads.ts'
import { connectionsTo, type UpstreamAddress } from './upstreamConnections.ts'

/** Whether an upstream's endpoint may be dialled (M13). */
export type DialCheck = (address: string, upstream: UpstreamView['spec'], gateway: Gateway) => boolean

/** Connections to one address of one upstream. */
export interface PooledAddress {
  readonly pool: Connections
  /** `address:port`, IPv6 in brackets; of a host outside its name. */
  readonly address: string
  /** Requests that the pool holds, waiting or running: the forwarder counts up at dispatch and down when it lets go. */
  inFlight: number
  /**
   * What became of a try, told once, as soon as it is known.
   *
   * @param latency - milliseconds in which the head came; null = none came, or it was the client that took the time
   * @param status - of the head; null = none came
   */
  ended(outcome: CallOutcome, latency: number | null, status: number | null): void
}

/** The addresses of an upstream as one gateway sees them. */
export interface PooledUpstream {
  readonly name: string
  /** What Host says to it (M10). */
  readonly authority: string
  /** The namespace of the backend. */
  readonly owner: string
  /** Those that may be dialled (M13); what is said of places is said of this list. */
  readonly addresses: readonly Endpoint[]
  /** The places that are asked at all. */
  readonly asked: readonly number[]
  /** Of these the places that are asked from here. */
  readonly near: readonly number[]
  at(place: number): PooledAddress
  /**
   * @param except - taken only where there is no other; null = none
   * @returns the next address in turn; null when there is none that may be dialled or has room
   */
  next(except: PooledAddress | null): PooledAddress | null
}

/** Most connections to one address. */
export const maxConnections = 1024
/** Most requests at one address, running and waiting for a connection; beyond it an address counts as not ready. */
export const maxInFlight = 2 * maxConnections
/** A pool without requests for this long is closed, in milliseconds. */
const idleLife = 60_000
const sweepInterval = 10_000
/** How long a connection attempt may take where the route sets no limit, in milliseconds. */
const defaultConnectTimeout = 10_000

interface PoolsOptions {
  readonly permits: DialCheck
  readonly clock: Clock
  readonly random: () => number
  readonly zone: string | null
  /** What each namespace has under way, these connections among it. */
  readonly loads: NamespaceLoads
  readonly resolve?: Resolve
}

interface Entry extends PooledAddress {
  readonly key: string
  readonly namespace: string
  /** Whether a request has begun since the last sweep. */
  used: boolean
  /** When a sweep last saw it in use; monotonic milliseconds. */
  lastUsed: number
}

/**
 * Upstream connections, shared by all gateways that speak to the same upstream in the same way, so that a swap costs no
 * connection. Keyed by (namespace, upstream, protocol, TLS, address, connect timeout); never shared across namespaces
 * (M16). Where the certificates or keys of an upstream change, new requests go over new connections; those that run
 * finish on the old ones, which are then idle and closed.
 */
export class Pools {
  readonly #entries = new Map<string, Entry>()
  readonly #views = new WeakMap<Gateway, Map<string, Map<number, PooledUpstream>>>()
  readonly #permits: DialCheck
  readonly #clock: Clock
  readonly #random: () => number
  readonly #zone: string | null
  readonly #loads: NamespaceLoads
  readonly #resolve: Resolve
  readonly #sweeper: NodeJS.Timeout

  /** @param options - `zone`: of this data plane, null = not known; `resolve`: default the system's */
  constructor(options: PoolsOptions) {
    this.#permits = options.permits
    this.#clock = options.clock
    this.#random = options.random
    this.#zone = options.zone
    this.#loads = options.loads
    this.#resolve = options.resolve ?? systemResolve
    this.#sweeper = setInterval(() => this.sweep(), sweepInterval).unref()
  }

  /**
   * @param name - of an upstream of this gateway
   * @param connectTimeout - milliseconds; 0 = the default
   * @returns null when the gateway has no such upstream
   */
  upstream(gateway: Gateway, name: string, connectTimeout: number): PooledUpstream | null {
    let views = this.#views.get(gateway)
    if (views === undefined) this.#views.set(gateway, (views = new Map()))
    let byTimeout = views.get(name)
    if (byTimeout === undefined) views.set(name, (byTimeout = new Map()))
    let view = byTimeout.get(connectTimeout)
    if (view === undefined) {
      const upstream = gateway.upstreams.get(name)
      if (upstream === undefined) return null
      byTimeout.set(connectTimeout, (view = this.#view(gateway, { ...upstream, name }, connectTimeout)))
    }
    return view
  }

  /** Closes pools that nothing has used for a while, or that are idle where their namespace can connect no more. */
  sweep(): void {
    const now = this.#clock.monotonic()
    for (const entry of this.#entries.values()) {
      if (entry.inFlight > 0 || entry.used) entry.lastUsed = now
      entry.used = false
      const inTheWay = entry.inFlight === 0 && this.#loads.of(entry.namespace).crowded
      if (!inTheWay && now - entry.lastUsed < idleLife) continue
      this.#entries.delete(entry.key)
      void entry.pool.close()
    }
  }

  /** How many pools, connections and requests there are. */
  stats(): { pools: number; connections: number; requests: number } {
    let connections = 0
    let requests = 0
    for (const entry of this.#entries.values()) {
      connections += entry.pool.stats.connected
      requests += entry.inFlight
    }
    return { pools: this.#entries.size, connections, requests }
  }

  /** Ends every connection at once; requests that still run fail. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    const pools = [...this.#entries.values()].map((entry) => entry.pool)
    this.#entries.clear()
    await Promise.all(pools.map((pool) => pool.destroy()))
  }

  #view(gateway: Gateway, upstream: UpstreamView & { name: string }, connectTimeout: number): PooledUpstream {
    const addresses = this.#addressesOf(gateway, upstream)
    const asked = askedOf(addresses)
    const near = nearestOf(addresses, asked, this.#zone)
    const entries: (Entry | null)[] = addresses.map(() => null)
    let turn = Math.floor(this.#random() * near.length)
    const at = (place: number): Entry => {
      let entry = entries[place]
      if (!entry || entry.pool.closed)
        entries[place] = entry = this.#entry(upstream, gateway, addresses[place]!, connectTimeout)
      entry.used = true
      return entry
    }
    return {
      ...{
        name: upstream.name,
        authority: upstream.spec.authority,
        owner: upstream.spec.owner,
        addresses,
        asked,
        near,
        at,
      },
      next: (except) => {
        let found: Entry | null = null
        for (let tries = near.length; tries > 0; tries--) {
          turn = turn + 1 < near.length ? turn + 1 : 0
          const entry = at(near[turn]!)
          if (entry.inFlight >= maxInFlight) continue
          found = entry
          if (entry !== except) break
        }
        return found
      },
    }
  }

  /** Those that may be dialled. Of a host outside there is only its name: what it stands for is checked when it is dialled. */
  #addressesOf(gateway: Gateway, { spec, addresses }: UpstreamView): readonly Endpoint[] {
    if (spec.host !== null) return [{ address: spec.host.name, port: spec.host.port, zones: [], draining: false }]
    return addresses.filter(({ address }) => this.#permits(address, spec, gateway))
  }

  #entry(upstream: UpstreamView, gateway: Gateway, target: UpstreamAddress, connectTimeout: number): Entry {
    const { namespace, authority, protocol, host } = upstream.spec
    const address = addressText(target)
    // A host's addresses are checked when they are dialled, so its connections belong to the rules of that time.
    const rules = host && [host.addresses, rulesKeyOf(gateway)]
    const tls = upstream.tls?.key ?? null
    const key = JSON.stringify([namespace, authority, protocol, tls, rules, address, connectTimeout])
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      const timeout = connectTimeout === 0 ? defaultConnectTimeout : connectTimeout
      const sources = { clock: this.#clock, resolve: this.#resolve, maxConnections, loads: this.#loads }
      const pool = connectionsTo(upstream, { gateway, address: target, timeout }, sources)
      const lastUsed = this.#clock.monotonic()
      entry = { key, namespace, pool, address, inFlight: 0, used: false, lastUsed, ended: ignore }
      this.#entries.set(key, entry)
    }
    return entry
  }
}

const ignore = (): void => {}
