import type { ActiveCheck } from '@gatehouse/contract'
import type { PooledAddress, PooledUpstream } from '../pools.ts'
import type { Pace } from './pace.ts'
import { probe } from './probe.ts'
import { ProbeCount } from './probeCount.ts'

/** What a prober needs. */
export interface ProberSources {
  readonly pace: Pace
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  /** The upstream as the gateway that serves now sees it; null = there is none. */
  readonly upstream: () => PooledUpstream | null
  /** Called when an address has become healthy or unhealthy. */
  readonly changed: (address: string, healthy: boolean) => void
}

interface Watched {
  place: number
  readonly count: ProbeCount
  timer: NodeJS.Timeout | null
}

/** How much earlier or later than in time a probe comes at most. */
const jitter = 0.1
/** How long a probe waits for which there was no leave, in milliseconds. */
const postponed = 1000

/** Probes each address of one upstream by one check, for all rules that check it so (M16). */
export class Prober {
  /** Grows with each change of some address. */
  version = 0
  readonly #namespace: string
  readonly #check: ActiveCheck
  readonly #sources: ProberSources
  readonly #perSecond: number
  readonly #watched = new Map<string, Watched>()

  /** @param namespace - whose probes these are */
  constructor(namespace: string, check: ActiveCheck, sources: ProberSources) {
    this.#namespace = namespace
    this.#check = check
    this.#sources = sources
    this.#perSecond = 1000 / check.interval
  }

  /** Watches these addresses, at their places in the upstream, and no others. */
  watch(addresses: readonly string[]): void {
    const places = new Map(addresses.map((address, place) => [address, place]))
    for (const [address, watched] of this.#watched) if (!places.has(address)) this.#leave(address, watched)
    const fresh: (readonly [string, Watched])[] = []
    for (const [address, place] of places) {
      const watched = this.#watched.get(address)
      if (watched !== undefined) watched.place = place
      else if (this.#sources.pace.watch(this.#namespace, this.#perSecond))
        fresh.push([address, { place, count: new ProbeCount(), timer: null }])
    }
    // Only when all are counted is it known how long they have to wait.
    for (const [address, watched] of fresh) {
      this.#watched.set(address, watched)
      this.#schedule(address, watched, this.#wait() * this.#sources.random())
    }
  }

  /** An address that nobody has probed is healthy. */
  isHealthy(address: string): boolean {
    return this.#watched.get(address)?.count.healthy ?? true
  }

  close(): void {
    for (const [address, watched] of this.#watched) this.#leave(address, watched)
  }

  #leave(address: string, watched: Watched): void {
    if (watched.timer !== null) clearTimeout(watched.timer)
    this.#watched.delete(address)
    this.#sources.pace.leave(this.#namespace, this.#perSecond)
    if (!watched.count.healthy) this.version++
  }

  #wait(): number {
    return this.#check.interval * this.#sources.pace.stretch(this.#namespace)
  }

  #schedule(address: string, watched: Watched, wait: number): void {
    watched.timer = setTimeout(() => this.#probe(address, watched), wait).unref()
  }

  #probe(address: string, watched: Watched): void {
    const { pace, random, upstream } = this.#sources
    const seen = upstream()
    const begins = seen !== null && watched.place < seen.addresses.length && pace.begin(this.#namespace)
    if (!begins) {
      this.#schedule(address, watched, postponed)
      return
    }
    watched.timer = null
    const done = (good: boolean | null): void => {
      pace.end(this.#namespace)
      if (this.#watched.get(address) !== watched) return
      this.#schedule(address, watched, this.#wait() * (1 - jitter + 2 * jitter * random()))
      if (good === null || !watched.count.add(good, this.#check)) return
      this.version++
      this.#sources.changed(address, watched.count.healthy)
    }
    const target = addressAt(seen, watched.place)
    if (target === null) done(false)
    else probe(target, seen.authority, this.#check, done)
  }
}

/** @returns null when nothing can be sent there, since the upstream's certificates cannot be read */
function addressAt(upstream: PooledUpstream, place: number): PooledAddress | null {
  try {
    return upstream.at(place)
  } catch {
    return null
  }
}
