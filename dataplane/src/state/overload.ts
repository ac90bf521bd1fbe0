import type { Clock } from '../clock.ts'

/** What of the memory is in use, as shares of what there may be. */
export interface MemoryUse {
  /** Of the heap of JavaScript. */
  readonly heap: number
  /** Of the container's memory; 0 where that has no limit. */
  readonly container: number
}

export interface OverloadOptions {
  /** The share in use at which new requests are refused, in percent; 0 = never. */
  readonly percent: number
  readonly read: () => MemoryUse
  /** Collects garbage at once. It stops everything else for as long as that takes. */
  readonly collect: () => void
  /** More than 0 while requests that were let in hold any memory. */
  readonly running: () => number
  /** @param use - the larger of the shares, in percent */
  readonly changed: (overloaded: boolean, use: number) => void
  readonly clock: Clock
}

/** How often the memory is looked at, in milliseconds. */
const interval = 100
/** So far below the share at which they are refused new requests are let in again, in percent. */
const relief = 10
/** How often garbage is collected at most, so that what is measured then is in use, in milliseconds. */
const measureInterval = 10_000
/** What comes back from one measurement to the next if anything does, in percent. */
const step = 1
/** For so long no change is told after the last, in milliseconds. */
const pause = 10_000

/**
 * Whether there is too little memory for new requests. Those that have been let in go on: the memory that they hold is
 * what comes back. What is held for good must not end the service for good, so new ones are let in again, and refused
 * only well above, when nothing is left that could give memory back, or when nothing has come back for a while. The
 * latter is told by what is in use right after garbage was collected, and goes no further than half of the way from the
 * share at which requests are refused to all of the memory: beyond that only what comes back lets anybody in.
 */
export class Overload {
  readonly #options: OverloadOptions
  readonly #timer: NodeJS.Timeout
  /** In percent. */
  #limit: number
  #overloaded = false
  /** Monotonic time of the last collection. */
  #collectedAt = -Infinity
  /** Whether garbage was collected at the last look. */
  #collected = false
  /** What was in use after the collection before, in percent; null = it was less than anybody minds, or is not known. */
  #inUse: number | null = null
  #told = false
  #toldAt = -Infinity

  constructor(options: OverloadOptions) {
    this.#options = options
    this.#limit = options.percent
    this.#timer = setInterval(() => this.look(), interval).unref()
  }

  /** Whether new requests are refused. */
  get overloaded(): boolean {
    return this.#overloaded
  }

  look(): void {
    const { percent, read } = this.#options
    if (percent === 0) return
    const { heap, container } = read()
    const use = Math.max(heap, container) * 100
    if (use < percent - relief) {
      this.#limit = percent
      this.#inUse = null
    }
    if (this.#overloaded) this.#relieve(use)
    else this.#overloaded = use >= this.#limit
    this.#collected = this.#overloaded && this.#collect()
    this.#tell(use)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #relieve(use: number): void {
    const { percent, running } = this.#options
    if (use < this.#limit - relief) this.#overloaded = false
    else if (running() === 0) {
      this.#overloaded = false
      this.#limit = Math.max(percent, halfway(use))
    } else if (this.#collected) this.#weigh(use)
  }

  /** @param use - with little garbage in it */
  #weigh(use: number): void {
    const comesBack = this.#inUse === null || use <= this.#inUse - step
    this.#inUse = use
    if (comesBack) return
    this.#limit = Math.max(this.#limit, Math.min(halfway(use), halfway(this.#options.percent)))
    this.#overloaded = use >= this.#limit
  }

  /** @returns whether it has been long enough since the last time */
  #collect(): boolean {
    const now = this.#options.clock.monotonic()
    if (now - this.#collectedAt < measureInterval) return false
    this.#collectedAt = now
    this.#options.collect()
    return true
  }

  #tell(use: number): void {
    const now = this.#options.clock.monotonic()
    if (this.#told === this.#overloaded || now - this.#toldAt < pause) return
    this.#told = this.#overloaded
    this.#toldAt = now
    this.#options.changed(this.#overloaded, Math.round(use))
  }
}

/** From this share of the memory to all of it, in percent. */
const halfway = (use: number): number => (use + 100) / 2
