/** How long to wait between attempts, in milliseconds. */
export interface BackoffRange {
  readonly min: number
  readonly max: number
}

/**
 * Delay before attempt `failures + 1`: doubles from `min` up to `max`, and half of it is random, so that data planes
 * that lost their controller together do not come back together.
 *
 * @param random - in [0, 1)
 */
export function backoffDelay(failures: number, range: BackoffRange, random: number): number {
  const ceiling = Math.min(range.max, range.min * 2 ** Math.min(failures, 30))
  return ceiling / 2 + (random * ceiling) / 2
}
