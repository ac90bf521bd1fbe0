/** What came of a try that failed where the rule has retries, or of a request that was sent again. */
export const retryOutcomes = ['retried', 'recovered', 'unsafe', 'exhausted', 'over-budget', 'too-late'] as const

export type RetryOutcome = (typeof retryOutcomes)[number]

/** A request under way, which may become a retry once there is room for one. Must be ended exactly once. */
export interface LiveRequest {
  /** Takes a place among the retries, or keeps the one that it has. False, and nothing taken, when there is none. */
  admitRetry(): boolean
  end(): void
}

/**
 * How many of the requests under way may be retries, by (route, rule, backend): a backend that fails altogether must not
 * get its load twice (M16).
 */
export interface RetryBudgets {
  /**
   * @param key - `namespace/route/rule` and the name of the upstream
   * @param percent - the share of requests under way that may be retries
   */
  enter(key: string, percent: number): LiveRequest
  count(outcome: RetryOutcome): void
  /** How often each has been counted. */
  outcomes(): Iterable<readonly [RetryOutcome, number]>
  /** How many (route, rule, backend) have a request under way. */
  size(): number
}

/** So many may always be retries, since a share of few requests is none. */
export const leastRetries = 3

interface Share {
  live: number
  retrying: number
}

export function createRetryBudgets(): RetryBudgets {
  const shares = new Map<string, Share>()
  const counts = new Map<RetryOutcome, number>()
  return {
    enter(key, percent) {
      let share = shares.get(key)
      if (share === undefined) shares.set(key, (share = { live: 0, retrying: 0 }))
      share.live++
      return liveRequest(share, percent, () => shares.delete(key))
    },
    count: (outcome) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    outcomes: () => counts,
    size: () => shares.size,
  }
}

function liveRequest(share: Share, percent: number, forget: () => void): LiveRequest {
  let retries = false
  let ended = false
  return {
    admitRetry() {
      if (retries) return true
      if (share.retrying >= Math.max(leastRetries, Math.floor((share.live * percent) / 100))) return false
      share.retrying++
      retries = true
      return true
    },
    end() {
      if (ended) return
      ended = true
      share.live--
      if (retries) share.retrying--
      if (share.live === 0) forget()
    },
  }
}
