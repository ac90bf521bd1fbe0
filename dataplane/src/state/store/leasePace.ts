import type { SharedCount, SharedMeter } from './phase.ts'

/** Microseconds; most between two calls for one counter that brought less than was wanted. */
const longestPause = 1_000_000

/** Microseconds of a window. */
export const lengthOf = ({ meter }: SharedMeter): number => meter.tick * meter.ticks

/**
 * Microseconds in which twice as much flows back as all data planes take of a bucket at once, for they do not ask in turn: to
 * ask more often would be a call for every few requests. Never so long that what flows back would find no room, so that a data
 * plane that is asked alone gets all of it, also of a bucket that holds less than a share; and never long, for a call a second
 * is cheap. What a sliding window gives back depends on when it was taken, so a longer pause than for one share would lose some.
 */
export function pauseOf({ meter, most }: SharedMeter, dataPlanes: number): number {
  const { algorithm, limit, burst, tick, ticks } = meter
  // Half a bucket has room for what comes while a call is late.
  const share = Math.min(most, burst / 2)
  const units =
    algorithm === 'TokenBucket' ? Math.max(share, Math.min(2 * share * dataPlanes, limit, burst - share)) : most
  return Math.min(longestPause, Math.ceil((tick * ticks * units) / limit))
}

/** Whether the store has no more, or not enough to be asked again at once. */
export const isScarce = ({ meter, most }: SharedMeter, { taken, wait, remaining }: SharedCount): boolean =>
  wait > 0 || (taken > 0 && (taken < most || (meter.algorithm === 'TokenBucket' && remaining < most)))
