/** How long to wait before the next attempt: longer after each failure, and never the same for two clients. */
export interface Backoff {
  /** Milliseconds; between half and all of a bound that doubles with each call. */
  next(): number
  /** An attempt succeeded. */
  reset(): void
}

/**
 * @param first - bound of the first wait, in milliseconds
 * @param most - bound of every wait
 * @param random - in [0, 1)
 */
export function createBackoff(first: number, most: number, random: () => number): Backoff {
  let bound = first
  return {
    next: () => {
      const wait = bound * (0.5 + random() / 2)
      bound = Math.min(bound * 2, most)
      return wait
    },
    reset: () => {
      bound = first
    },
  }
}
