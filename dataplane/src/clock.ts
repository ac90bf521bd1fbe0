/** Time as a parameter, so that every limit and deadline can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the epoch: for what others wrote down, such as `exp`. */
  now(): number
  /** Milliseconds that never go back: for durations. */
  monotonic(): number
}

/** The machine's clocks. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
