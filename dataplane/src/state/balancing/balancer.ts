import type { Balancing } from '@gatehouse/contract'
import { addressText } from '../addressText.ts'
import type { Health } from '../health/checkedUpstream.ts'
import { maxInFlight, type PooledAddress, type PooledUpstream } from '../pools.ts'
import { hash32, mix32 } from './hash32.ts'
import type { Latency } from './latency.ts'
import { observerOf, ObservedAddress } from './observedAddress.ts'
import { none, type Addresses, type Picker } from './picker.ts'
import { pickerOf } from './pickerOf.ts'
import { usableOf, type Standing } from './usable.ts'

/** What a balancer looks at. */
export interface BalancerSources {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  /** Since when an address is known; monotonic milliseconds. */
  readonly since: (place: number) => number
  readonly latencyOf: (address: PooledAddress) => Latency
  /** null = nobody checks. */
  readonly health: Health | null
}

/** Chooses among the addresses of one upstream, as one gateway sees it, for rules that want it done in the same way. */
export class Balancer {
  readonly #upstream: PooledUpstream
  readonly #balancing: Balancing
  readonly #sources: BalancerSources
  readonly #addresses: Addresses
  readonly #standing: Standing
  /** All that get requests. */
  #places: readonly number[]
  /** What the health was when they were chosen. */
  #version = 0
  readonly #picker: Picker
  /** Those that are not new; null = all, or none. */
  #settled: { readonly places: readonly number[]; readonly picker: Picker } | null = null
  /** When it is to be looked again which are new. */
  #until = -Infinity
  readonly #observed: (ObservedAddress | undefined)[] = []
  #except: string | null = null

  constructor(upstream: PooledUpstream, balancing: Balancing, sources: BalancerSources) {
    this.#upstream = upstream
    this.#balancing = balancing
    this.#sources = sources
    const hashed = balancing.pick.type === 'ConsistentHash'
    const { asked, near } = upstream
    // The same key must find the same address from every zone.
    this.#standing = { asked, near: hashed ? asked : near }
    this.#places = this.#standing.near
    this.#addresses = this.#view(hashed)
    this.#picker = this.#pickerOf()
    if (sources.health !== null) this.#sort(sources.health, sources.health.version())
  }

  /**
   * @param key - what requests that belong together share, 32 bits; null = nothing
   * @param except - taken only where there is no other; null = none
   * @returns null when no address may have the request
   */
  pick(key: number | null, except: PooledAddress | null): PooledAddress | null {
    const { health } = this.#sources
    const version = health?.version() ?? 0
    if (health !== null && version !== this.#version) this.#sort(health, version)
    this.#except = except?.address ?? null
    let place = this.#choose(key)
    if (place === none && this.#except !== null) {
      this.#except = null
      place = this.#choose(key)
    }
    return place === none ? null : this.#watched(place)
  }

  /** Sorts out what is not healthy. */
  #sort(health: Health, version: number): void {
    const { addresses } = this.#upstream
    const isHealthy = (place: number): boolean => health.isHealthy(addressText(addresses[place]!))
    this.#places = usableOf(this.#standing, isHealthy, this.#balancing.panicThreshold)
    this.#version = version
    this.#until = -Infinity
  }

  #choose(key: number | null): number {
    const { now, random } = this.#sources
    const draw = { random, key }
    const place = this.#picker(this.#places, draw)
    if (place === none || this.#balancing.slowStart === 0) return place
    const time = now()
    if (time >= this.#until) this.#look(time)
    if (this.#settled === null) return place
    // What belongs together moves to a new address together, and stays.
    const fraction = key === null ? random() : mix32(~key) / 2 ** 32
    if (fraction < (time - this.#sources.since(place)) / this.#balancing.slowStart) return place
    const other = this.#settled.picker(this.#settled.places, draw)
    return other === none ? place : other
  }

  /** Looks which are new. */
  #look(now: number): void {
    const { slowStart } = this.#balancing
    const settledAt = this.#places.map((place) => this.#sources.since(place) + slowStart)
    const places = this.#places.filter((_, index) => settledAt[index]! <= now)
    this.#until = Math.min(...settledAt.filter((time) => time > now), Infinity)
    const some = places.length > 0 && places.length < this.#places.length
    this.#settled = some ? { places, picker: this.#pickerOf() } : null
  }

  #pickerOf(): Picker {
    return pickerOf(this.#balancing.pick, this.#addresses, this.#sources.random())
  }

  #view(hashed: boolean): Addresses {
    const { at, addresses } = this.#upstream
    const { now, latencyOf } = this.#sources
    const seeds = hashed ? addresses.map((endpoint) => hash32(addressText(endpoint))) : []
    return {
      inFlight: (place) => {
        const { inFlight, address } = at(place)
        return inFlight >= maxInFlight || address === this.#except ? Infinity : inFlight
      },
      latency: (place) => latencyOf(at(place)).at(now()),
      seed: (place) => seeds[place]!,
    }
  }

  /** The address, with whoever wants to know what becomes of the request. */
  #watched(place: number): PooledAddress {
    const held = this.#upstream.at(place)
    const { now, latencyOf, health } = this.#sources
    const observe = health?.observe ?? null
    const measures = this.#balancing.pick.type === 'PeakEwma'
    if (!measures && observe === null) return held
    const known = this.#observed[place]
    if (known?.held === held) return known
    const observer = observerOf({ address: held.address, latency: measures ? latencyOf(held) : null, observe, now })
    return (this.#observed[place] = new ObservedAddress(held, observer))
  }
}
