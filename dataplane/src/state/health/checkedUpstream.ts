import type { ActiveCheck, Balancing, PassiveCheck } from '@gatehouse/contract'
import { textOf, type Checks } from './checks.ts'
import type { Ejections } from './ejections.ts'
import type { Prober } from './prober.ts'

/** What one rule wants to know of the addresses of an upstream. */
export interface Health {
  /** Another one whenever some address has changed. */
  version(): number
  isHealthy(address: string): boolean
  /** What became of a request there; null = nobody wants to know. */
  readonly observe: ((address: string, good: boolean) => void) | null
}

/** In which state an address is, by all checks of its upstream together. */
export type HealthState = 'healthy' | 'unhealthy' | 'ejected'

interface Makers {
  readonly prober: (check: ActiveCheck) => Prober
  readonly ejections: (check: PassiveCheck) => Ejections
}

/** One upstream, its addresses, and whoever checks them. */
export class CheckedUpstream {
  readonly #makers: Makers
  readonly #probers = new Map<string, Prober>()
  readonly #ejections = new Map<string, Ejections>()
  #addresses: readonly string[] = []

  constructor(makers: Makers) {
    this.#makers = makers
  }

  /** Has these checks and no others; those that it had before go on. */
  check({ active, passive }: Checks): void {
    closeOthers(this.#probers, active)
    closeOthers(this.#ejections, passive)
    for (const [text, check] of active) {
      if (!this.#probers.has(text)) this.#probers.set(text, this.#watching(this.#makers.prober(check)))
    }
    for (const [text, check] of passive) {
      if (!this.#ejections.has(text)) this.#ejections.set(text, this.#watching(this.#makers.ejections(check)))
    }
  }

  /** Watches these addresses, at their places in the upstream, and no others. */
  watch(addresses: readonly string[]): void {
    this.#addresses = addresses
    for (const prober of this.#probers.values()) prober.watch(addresses)
    for (const ejections of this.#ejections.values()) ejections.watch(addresses)
  }

  /** @returns null when the rule has no check that runs */
  healthFor({ active, passive }: Balancing): Health | null {
    const prober = (active && this.#probers.get(textOf(active))) ?? null
    const ejections = (passive && this.#ejections.get(textOf(passive))) ?? null
    if (prober === null && ejections === null) return null
    return {
      version: () => (prober?.version ?? 0) + (ejections?.version ?? 0),
      isHealthy: (address) => prober?.isHealthy(address) !== false && ejections?.isEjected(address) !== true,
      observe: ejections && ((address, good) => ejections.observe(address, good)),
    }
  }

  /** The state of each address. */
  states(): readonly HealthState[] {
    return this.#addresses.map((address) => {
      if ([...this.#ejections.values()].some((ejections) => ejections.isEjected(address))) return 'ejected'
      return [...this.#probers.values()].every((prober) => prober.isHealthy(address)) ? 'healthy' : 'unhealthy'
    })
  }

  close(): void {
    this.check({ active: new Map(), passive: new Map() })
  }

  #watching<W extends Prober | Ejections>(watcher: W): W {
    watcher.watch(this.#addresses)
    return watcher
  }
}

function closeOthers(running: Map<string, Prober | Ejections>, wanted: ReadonlyMap<string, unknown>): void {
  for (const [text, watcher] of running) {
    if (wanted.has(text)) continue
    watcher.close()
    running.delete(text)
  }
}
