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
/** For so long no change is told after the last, in milliseconds. */
const pause = 10_000

/**
 * Whether there is too little memory for new requests. Those that have been let in go on: the memory that they hold is
 * what comes back. Once none is left nothing more can come back, so new ones are let in whatever is in use, and refused
 * again only well above that: memory that is held for good must not end the service for good.
 */
export class Overload {
  readonly #options: OverloadOptions
  readonly #timer: NodeJS.Timeout
  /** In percent. */
  #limit: number
  #overloaded = false
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
    const { percent, read, running } = this.#options
    if (percent === 0) return
    const { heap, container } = read()
    const use = Math.max(heap, container) * 100
    if (use < percent - relief) this.#limit = percent
    if (!this.#overloaded) this.#overloaded = use >= this.#limit
    else if (use < percent - relief) this.#overloaded = false
    else if (running() === 0) {
      this.#overloaded = false
      this.#limit = Math.max(percent, (use + 100) / 2)
    }
    this.#tell(use)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #tell(use: number): void {
    const now = this.#options.clock.monotonic()
    if (this.#told === this.#overloaded || now - this.#toldAt < pause) return
    this.#told = this.#overloaded
    this.#toldAt = now
    this.#options.changed(this.#overloaded, Math.round(use))
  }
}
