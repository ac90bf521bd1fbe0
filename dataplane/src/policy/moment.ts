import type { Clock } from '../clock.ts'

/** One moment by both clocks, in whole microseconds. */
export interface Moment {
  /** Never goes back: for what comes back by itself. */
  readonly steady: number
  /** Since the epoch: for windows that begin at a time of day. */
  readonly wall: number
}

const shared = { steady: 0, wall: 0 }

/** @returns the present, which the next call overwrites: nothing may keep it */
export function present(clock: Clock): Moment {
  shared.steady = Math.floor(clock.monotonic() * 1000)
  shared.wall = Math.floor(clock.now() * 1000)
  return shared
}
