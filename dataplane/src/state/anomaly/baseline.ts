/** The hours of a week, from Thursday 00:00 UTC, with which the epoch begins. */
const hoursOfWeek = 168
const hoursOfDay = 24

/** How much the newest week counts. */
const weight = 0.3
/** No hour with a spike teaches more than this many times what was usual: who keeps on does not become usual by it. */
const mostLearned = 2

/**
 * The busiest minute that is usual in each hour of the week, in requests. 672 bytes. A week later each hour counts for 0.3
 * of what it then is.
 */
export class Baseline {
  /** NaN = that hour was never seen. */
  readonly #slots = new Float32Array(hoursOfWeek).fill(NaN)

  /**
   * Learns an hour that is over.
   *
   * @param hour - since the epoch
   * @param peak - requests of its busiest minute
   * @param spiked - whether a part of it was no usual traffic
   */
  learn(hour: number, peak: number, spiked: boolean): void {
    const slot = hour % hoursOfWeek
    const known = this.#slots[slot]!
    const usual = Number.isNaN(known) ? 0 : known
    const taken = spiked ? Math.min(peak, mostLearned * Math.max(usual, 1)) : peak
    this.#slots[slot] = Number.isNaN(known) ? taken : known + weight * (taken - known)
  }

  /**
   * What is usual in an hour: that of the hour and of those beside it, since no day begins to the minute. Where this hour
   * of the week was never seen, the same of all days; where that was not either, the busiest hour of all.
   *
   * @param hour - since the epoch
   * @returns null when nothing has been learned
   */
  usual(hour: number): number | null {
    const own = Number.isNaN(this.#slots[hour % hoursOfWeek]) ? null : this.#around(hour)
    return own ?? this.#onAnyDay(hour) ?? this.#ever()
  }

  #around(hour: number): number | null {
    let most: number | null = null
    for (let beside = hour - 1; beside <= hour + 1; beside++) {
      const value = this.#slots[(beside + hoursOfWeek) % hoursOfWeek]!
      if (!Number.isNaN(value)) most = Math.max(most ?? 0, value)
    }
    return most
  }

  #onAnyDay(hour: number): number | null {
    let most: number | null = null
    for (let day = 0; day < 7; day++) {
      const value = this.#around(hour + day * hoursOfDay)
      if (value !== null) most = Math.max(most ?? 0, value)
    }
    return most
  }

  #ever(): number | null {
    let most: number | null = null
    for (const value of this.#slots) if (!Number.isNaN(value)) most = Math.max(most ?? 0, value)
    return most
  }
}
