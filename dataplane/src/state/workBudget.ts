/**
 * How long work beside the serving of requests may take: a share of the time, so that it can slow nothing down
 * noticeably however many requests ask for it (M9).
 */
export interface WorkBudget {
  /** Whether there is time left for one more piece of work. */
  allows(): boolean
  /** @param time - milliseconds that were worked */
  spend(time: number): void
}

interface WorkLimits {
  /** Of one core, from 0 to 1. */
  readonly share: number
  /** Most that can be saved up, in milliseconds. */
  readonly saved: number
}

const defaultLimits: WorkLimits = { share: 0.1, saved: 100 }

/** @param now - monotonic milliseconds */
export function createWorkBudget(now: () => number, limits: WorkLimits = defaultLimits): WorkBudget {
  let left = limits.saved
  let at = now()
  return {
    allows: () => {
      const time = now()
      left = Math.min(limits.saved, left + (time - at) * limits.share)
      at = time
      return left > 0
    },
    spend: (time) => {
      left -= time
    },
  }
}
