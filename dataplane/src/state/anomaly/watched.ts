import { Baseline } from './baseline.ts'

const minuteLength = 60_000
const minutesOfHour = 60
/** Hours that nothing came in for so long teach nothing more. */
const longestGap = 168

/** When a key's requests are a spike. */
export interface SpikeLimits {
  /** How many times the usual. */
  readonly ratio: number
  /** Fewer in a minute are never one. */
  readonly minRequests: number
  /** Milliseconds for which a key is watched before anything of it can be one. */
  readonly baseline: number
}

/** Requests of a key that are many times the usual. */
export interface Spike {
  /** The most in one minute. */
  peak: number
  /** What one minute may have at most, by what was usual when it began. */
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly since: number
  /** What was let through and has not come back; see {@link Restriction}. */
  used: number
  /** When `used` was true. */
  at: number
}

/** How many requests are let through in a window while a spike lasts. */
export interface Restriction {
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

/** The requests of one key, by minutes of the clock and hours of UTC. */
export class Watched {
  readonly #since: number
  #minute: number
  #count = 0
  /** Of the busiest minute of this hour that is over. */
  #peak = 0
  /** null = none of its hours has ended yet. */
  #baseline: Baseline | null = null
  /** In this hour; null = nothing has been learned. */
  #usual: number | null = null
  /** Whether this hour had a part in a spike. */
  #spiked = false
  spike: Spike | null = null

  /** @param now - milliseconds since the epoch */
  constructor(now: number) {
    this.#since = now
    this.#minute = Math.floor(now / minuteLength)
  }

  /** The hour that is counted in, since the epoch. */
  get hour(): number {
    return Math.floor(this.#minute / minutesOfHour)
  }

  get learns(): boolean {
    return this.#baseline !== null
  }

  /** Learns from now on what is usual. */
  learn(): void {
    this.#baseline ??= new Baseline()
  }

  /** Whether its hour is over. */
  isPast(now: number): boolean {
    return now >= (this.hour + 1) * minutesOfHour * minuteLength
  }

  /** Takes note of a request. @returns the spike that begins with it; null = none does */
  count(limits: SpikeLimits, now: number): Spike | null {
    this.#count++
    if (this.spike !== null) {
      this.spike.peak = Math.max(this.spike.peak, this.#count)
      return null
    }
    if (this.#usual === null || this.#count < limits.minRequests || now - this.#since < limits.baseline) return null
    const limit = Math.max(limits.minRequests - 1, limits.ratio * this.#usual)
    if (this.#count <= limit) return null
    this.#spiked = true
    this.spike = { peak: this.#count, limit, since: now, used: 0, at: now }
    return this.spike
  }

  /**
   * Moves on to the present. A clock that goes back stands still here.
   *
   * @returns the spike that is over: a whole minute had no more than its limit; null = none is
   */
  moveTo(now: number): Spike | null {
    const minute = Math.floor(now / minuteLength)
    if (minute <= this.#minute) return null
    const { spike } = this
    const calm = spike !== null && (this.#count <= spike.limit || minute > this.#minute + 1)
    this.#peak = Math.max(this.#peak, this.#count)
    this.#moveHours(Math.floor(minute / minutesOfHour))
    this.#minute = minute
    this.#count = 0
    if (!calm) return null
    this.spike = null
    return spike
  }

  #moveHours(hour: number): void {
    const last = this.hour
    if (hour === last) return
    if (this.#baseline !== null) {
      this.#baseline.learn(last, this.#peak, this.#spiked)
      for (let gone = Math.max(last + 1, hour - longestGap); gone < hour; gone++) this.#baseline.learn(gone, 0, false)
      this.#usual = this.#baseline.usual(hour)
    }
    this.#peak = 0
    this.#spiked = this.spike !== null
  }

  /**
   * Takes what a request needs while a spike lasts.
   *
   * @returns milliseconds until there is enough again; 0 = it was taken, or nothing restricts
   */
  take({ limit, window }: Restriction, now: number): number {
    const { spike } = this
    if (spike === null) return 0
    spike.used = Math.max(0, spike.used - (Math.max(0, now - spike.at) * limit) / window)
    spike.at = Math.max(spike.at, now)
    if (spike.used + 1 > limit) return Math.max(1, ((spike.used + 1 - limit) * window) / limit)
    spike.used += 1
    return 0
  }
}
