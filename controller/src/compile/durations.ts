import { maxTimer } from '@gatehouse/contract'

const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** Milliseconds of a Gateway API duration such as `1m30s`; what is no duration is 0. */
export function milliseconds(duration: string): number {
  let sum = 0
  for (const [, count, unit] of duration.matchAll(/(\d+)(ms|[hms])/g)) {
    sum += Number(count) * units[unit as keyof typeof units]
  }
  return sum
}

/** Milliseconds of a duration that a timer is to run; what is longer than one can run is cut to that. */
export const timerOf = (duration: string): number => Math.min(milliseconds(duration), maxTimer)
