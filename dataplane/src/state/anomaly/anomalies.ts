import type { Clock } from '../../clock.ts'
import { randomUUID } from 'node:crypto'
import type { Anomaly } from '@gatehouse/contract'
import { createLeases, type Lease } from '../lease.ts'
import type { EventSink } from './eventSinks.ts'
import { keyParts, type SpikeEvent } from './spikeEvent.ts'
import { Watched, type Restriction, type Spike, type SpikeLimits } from './watched.ts'

/** What a policy wants of the requests of its keys. */
export interface AnomalySettings extends SpikeLimits {
  /** null = a spike restricts nothing. */
  readonly throttle: Restriction | null
  /** `namespace/name`. */
  readonly policy: string
  readonly keys: Anomaly['keys']
  /** Whether anybody is told of spikes. */
  readonly tells: boolean
  /** Who is told beside the log; null = nobody. */
  readonly sink: EventSink | null
}

/** What is usual of the requests of one policy's keys. */
export interface AnomalyTable {
  /**
   * Takes note of a request.
   *
   * @returns null when it is as usual; otherwise milliseconds until it may pass, 0 = it may
   */
  note(key: string): number | null
}

/** What is usual in all policies. It survives snapshots, also those that change the limits, and no restart (M16). */
export interface Anomalies {
  /** @param identity - of the policy and its keys */
  acquire(identity: string, settings: AnomalySettings): Lease<AnomalyTable>
  /**
   * Keys by what is known of them: new ones, and those whose hours are learned. Here and below tables that tell nobody do
   * not count.
   */
  keys(): { readonly new: number; readonly learned: number }
  /** Keys in a spike at present. */
  spiking(): number
  /** Spikes that have begun. */
  started(): number
  /** Ends spikes of keys that nothing comes of any more. */
  sweep(): void
  close(): void
}

export interface AnomalyBounds {
  /** Most keys of one table whose hours are learned, 900 bytes each, and in all tables. */
  readonly learned: number
  readonly learnedInAll: number
  /** The same for those that have not been seen in a second hour, 200 bytes each. */
  readonly fresh: number
  readonly freshInAll: number
  /** How many of either a table may always have, whatever others have. */
  readonly guaranteed: number
}

const defaultBounds: AnomalyBounds = {
  learned: 10_000,
  learnedInAll: 50_000,
  fresh: 20_000,
  freshInAll: 100_000,
  guaranteed: 500,
}

/** A key that nothing came of for so many hours makes room for another. */
const idleHours = 48
const sweepInterval = 10_000

/** What tables work with. */
export interface AnomalyTools {
  readonly clock: Clock
  /** Told of each spike that begins or ends. */
  readonly observe: (event: SpikeEvent) => void
}

interface Totals {
  learned: number
  fresh: number
  started: number
}

/**
 * Fresh keys make room for each other, the oldest first, and never push out one whose hours are learned: a flood of keys
 * costs no key that is in use its baseline. A key is learned from its second hour on; when there is no room, and
 * none has been idle for two days, it stays fresh, and nothing of it is a spike.
 */
class Table implements AnomalyTable {
  readonly #tools: AnomalyTools
  readonly #bounds: AnomalyBounds
  readonly #totals: Totals
  readonly #fresh = new Map<string, Watched>()
  /** In the order of the hours in which they were last seen. */
  readonly #learned = new Map<string, Watched>()
  readonly #spiking = new Map<string, Watched>()
  settings: AnomalySettings

  constructor(settings: AnomalySettings, tools: AnomalyTools, bounds: AnomalyBounds, totals: Totals) {
    this.settings = settings
    this.#tools = tools
    this.#bounds = bounds
    this.#totals = totals
  }

  note(key: string): number | null {
    const now = this.#tools.clock.now()
    const watched = this.#at(key, now)
    const begun = watched.count(this.settings, now)
    if (begun !== null) {
      if (this.settings.tells) this.#totals.started++
      this.#spiking.set(key, watched)
      this.#tell('started', key, begun, now)
    }
    if (watched.spike === null) return null
    return this.settings.throttle === null ? 0 : watched.take(this.settings.throttle, now)
  }

  /** The key as it is now. */
  #at(key: string, now: number): Watched {
    const known = this.#learned.get(key) ?? this.#fresh.get(key)
    if (known === undefined) return this.#begin(key, now)
    this.#move(key, known, now)
    return known
  }

  #begin(key: string, now: number): Watched {
    const watched = new Watched(now)
    const { fresh, freshInAll } = this.#bounds
    if (!this.#takes(this.#fresh.size, fresh, this.#totals.fresh < freshInAll)) {
      const [oldest] = this.#fresh.keys()
      if (oldest === undefined) return watched
      this.#fresh.delete(oldest)
      this.#totals.fresh--
    }
    this.#fresh.set(key, watched)
    this.#totals.fresh++
    return watched
  }

  #move(key: string, watched: Watched, now: number): void {
    const past = watched.isPast(now)
    if (past && !watched.learns && this.#hasRoom(now)) watched.learn()
    const ended = watched.moveTo(now)
    if (past) this.#keep(key, watched)
    if (ended === null) return
    this.#spiking.delete(key)
    this.#tell('ended', key, ended, now)
  }

  #tell(change: SpikeEvent['change'], key: string, { peak, limit, since }: Spike, at: number): void {
    const { policy, keys, tells, sink } = this.settings
    if (!tells) return
    const id = randomUUID()
    const event = { id, change, policy, key: keyParts(keys, key), requests: peak, limit, since, at }
    this.#tools.observe(event)
    sink?.send(event)
  }

  /** A key that was seen in another hour again. */
  #keep(key: string, watched: Watched): void {
    if (this.#learned.delete(key)) this.#learned.set(key, watched)
    else if (watched.learns && this.#fresh.delete(key)) {
      this.#totals.fresh--
      this.#learned.set(key, watched)
      this.#totals.learned++
    }
  }

  /** Whether a table of so many takes one more, of which so many are its most. */
  #takes(size: number, most: number, isRoomInAll: boolean): boolean {
    return size < most && (isRoomInAll || size < this.#bounds.guaranteed)
  }

  #hasRoom(now: number): boolean {
    const { learned, learnedInAll } = this.#bounds
    if (this.#takes(this.#learned.size, learned, this.#totals.learned < learnedInAll)) return true
    const [first] = this.#learned
    if (first === undefined) return false
    const [key, idle] = first
    if (Math.floor(now / 3_600_000) - idle.hour < idleHours) return false
    this.#learned.delete(key)
    this.#spiking.delete(key)
    this.#totals.learned--
    return true
  }

  sweep(): void {
    const now = this.#tools.clock.now()
    for (const [key, watched] of this.#spiking) this.#move(key, watched, now)
  }

  get sizes(): { readonly new: number; readonly learned: number; readonly spiking: number } {
    return { new: this.#fresh.size, learned: this.#learned.size, spiking: this.#spiking.size }
  }

  clear(): void {
    this.#totals.learned -= this.#learned.size
    this.#totals.fresh -= this.#fresh.size
    for (const map of [this.#fresh, this.#learned, this.#spiking]) map.clear()
  }
}

export function createAnomalies(tools: AnomalyTools, bounds: AnomalyBounds = defaultBounds): Anomalies {
  const totals: Totals = { learned: 0, fresh: 0, started: 0 }
  const leases = createLeases<Table>((table) => table.clear())
  const sweep = (): void => {
    for (const table of leases.values()) table.sweep()
  }
  const sum = (what: keyof Table['sizes']): number =>
    [...leases.values()].reduce((all, { settings, sizes }) => all + (settings.tells ? sizes[what] : 0), 0)
  const timer = setInterval(sweep, sweepInterval)
  timer.unref()
  return {
    acquire(identity, settings) {
      const lease = leases.acquire(identity, () => new Table(settings, tools, bounds, totals))
      lease.value.settings = settings
      return lease
    },
    keys: () => ({ new: sum('new'), learned: sum('learned') }),
    spiking: () => sum('spiking'),
    started: () => totals.started,
    sweep,
    close: () => clearInterval(timer),
  }
}
