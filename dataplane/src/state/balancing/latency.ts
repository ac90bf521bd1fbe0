/** In which the weight of what was seen falls to 1/e, in milliseconds. */
const decay = 10_000

/**
 * How long an address takes to answer: a moving average that weighs by age, rises at once to what is slower and falls
 * slowly, also while nothing is asked, so that what was slow is tried again.
 */
export class Latency {
  #average = 0
  /** Monotonic, milliseconds. */
  #seen = 0

  /** @param time - milliseconds */
  observe(time: number, now: number): void {
    const weight = this.#average === 0 ? 0 : Math.exp((this.#seen - now) / decay)
    this.#average = Math.max(time, this.#average * weight + time * (1 - weight))
    this.#seen = now
  }

  /** Milliseconds; 0 = nothing was seen. */
  at(now: number): number {
    return this.#average === 0 ? 0 : this.#average * Math.exp((this.#seen - now) / decay)
  }
}
