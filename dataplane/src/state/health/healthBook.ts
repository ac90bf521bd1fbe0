import type { Balancing } from '@gatehouse/contract'
import type { Clock } from '../../clock.ts'
import type { BalancedUse, Gateway, UpstreamView } from '../../gateway/gateway.ts'
import { addressText } from '../addressText.ts'
import type { Pools } from '../pools.ts'
import { CheckedUpstream, type Health, type HealthState } from './checkedUpstream.ts'
import { checksOf, type Checks } from './checks.ts'
import { Ejections } from './ejections.ts'
import { Pace } from './pace.ts'
import { Prober } from './prober.ts'

/** What can become of an address. */
export type HealthChange = 'endpoint-unhealthy' | 'endpoint-healthy' | 'endpoint-ejected' | 'endpoint-returned'

export interface HealthOptions {
  readonly clock: Clock
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  readonly pools: Pick<Pools, 'upstream'>
  readonly changed: (change: HealthChange, upstream: string, address: string) => void
}

interface Kept {
  readonly upstream: CheckedUpstream
  /** What its addresses were made from. */
  view: UpstreamView | null
  outbound: Gateway['installation']['outbound'] | null
}

/**
 * Which addresses of upstreams are healthy, as far as rules check it. One prober for each upstream and check, and so for
 * each namespace, protocol and TLS, since these make another upstream; it survives snapshots (M16).
 */
export class HealthBook {
  readonly #options: HealthOptions
  readonly #pace = new Pace()
  readonly #kept = new Map<string, Kept>()
  #balanced: readonly BalancedUse[] = []
  #checks: ReadonlyMap<string, Checks> = new Map()
  #gateway: Gateway | null = null

  constructor(options: HealthOptions) {
    this.#options = options
  }

  /** Checks what a gateway's rules say, and nothing else. @param gateway - null = nothing serves */
  adopt(gateway: Gateway | null): void {
    this.#gateway = gateway
    const balanced = gateway?.balanced ?? []
    if (balanced !== this.#balanced) this.#recheck(balanced)
    if (gateway === null) return
    for (const [name, kept] of this.#kept) this.#rewatch(name, kept, gateway)
  }

  /** @returns null when the rule has no check */
  of(upstream: string, balancing: Balancing): Health | null {
    return this.#kept.get(upstream)?.upstream.healthFor(balancing) ?? null
  }

  /** The states of the addresses of each upstream that is checked. */
  *states(): Iterable<readonly [upstream: string, states: readonly HealthState[]]> {
    for (const [name, { upstream }] of this.#kept) yield [name, upstream.states()]
  }

  close(): void {
    this.adopt(null)
  }

  #recheck(balanced: readonly BalancedUse[]): void {
    this.#balanced = balanced
    this.#checks = checksOf(balanced)
    for (const [name, { upstream }] of this.#kept) {
      if (this.#checks.has(name)) continue
      upstream.close()
      this.#kept.delete(name)
    }
    for (const [name, checks] of this.#checks) {
      const kept = this.#kept.get(name) ?? { upstream: this.#checked(name), view: null, outbound: null }
      this.#kept.set(name, kept)
      kept.upstream.check(checks)
    }
  }

  /** Looks at the addresses, unless they are what they were. */
  #rewatch(name: string, kept: Kept, gateway: Gateway): void {
    const view = gateway.upstreams.get(name) ?? null
    const { outbound } = gateway.installation
    if (view === kept.view && outbound === kept.outbound) return
    kept.view = view
    kept.outbound = outbound
    kept.upstream.watch((this.#options.pools.upstream(gateway, name, 0)?.addresses ?? []).map(addressText))
  }

  #checked(name: string): CheckedUpstream {
    const { clock, random, pools, changed } = this.#options
    // The name of an upstream begins with the namespace whose routes use it.
    const namespace = name.slice(0, name.indexOf('/'))
    return new CheckedUpstream({
      prober: (check) =>
        new Prober(namespace, check, {
          pace: this.#pace,
          random,
          upstream: () => (this.#gateway === null ? null : pools.upstream(this.#gateway, name, check.timeout)),
          changed: (address, healthy) => changed(healthy ? 'endpoint-healthy' : 'endpoint-unhealthy', name, address),
        }),
      ejections: (check) =>
        new Ejections(check, {
          now: () => clock.monotonic(),
          changed: (address, ejected) => changed(ejected ? 'endpoint-ejected' : 'endpoint-returned', name, address),
        }),
    })
  }
}
