import type { Action } from '@gatehouse/contract'
import type { LiveRequest, RetryBudgets, RetryOutcome } from '../state/retryBudgets.ts'

/** What a rule says of retries; see the contract. */
export type RetryTerms = NonNullable<Extract<Action, { type: 'Forward' }>['retry']>

/** How a try failed. Nothing of a response has reached the client. */
export interface FailedTry {
  /** Whether the request provably never left. */
  readonly unsent: boolean
  /** Whether the body can be sent once more. */
  readonly replayable: boolean
  /** Milliseconds that are left of the whole request. */
  readonly left: number
}

/** What retries of one request go by. */
export interface RetrySource {
  readonly terms: RetryTerms
  readonly method: string
  /** `namespace/route/rule` and the name of the upstream. */
  readonly key: string
  readonly budgets: RetryBudgets
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  /** Begins the next try. */
  readonly next: () => void
}

/** RFC 9110 9.2.2: to do them twice is to do them once. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
/** The backoff doubles until it is this many times what it began with. */
const maxGrowth = 10

/**
 * Decides after each failed try of one request whether there is another, and waits for it. It owns the request's share of
 * the budget and the timer.
 */
export class Retrying {
  /** Tries so far. */
  tries = 1
  readonly #source: RetrySource
  readonly #idempotent: boolean
  readonly #live: LiveRequest
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(source: RetrySource) {
    this.#source = source
    this.#idempotent = idempotent.has(source.method)
    this.#live = source.budgets.enter(source.key, source.terms.budgetPercent)
  }

  /** Whether what was sent may have to be sent again. */
  get keepsBody(): boolean {
    return this.#idempotent
  }

  /** Whether a response with this status counts as a failed try. */
  dislikes(status: number): boolean {
    return this.#source.terms.codes.includes(status)
  }

  /** @returns whether there is another try, which then begins after a while */
  again(failed: FailedTry): boolean {
    if (this.#closed) return false
    const wait = this.#wait()
    const outcome = this.#judge(failed, wait)
    this.#source.budgets.count(outcome)
    if (outcome !== 'retried') return false
    this.tries++
    this.#timer = setTimeout(this.#source.next, wait)
    return true
  }

  /** A response goes on to the client. */
  settled(status: number): void {
    if (this.tries > 1 && !this.dislikes(status)) this.#source.budgets.count('recovered')
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#live.end()
  }

  #judge({ unsent, replayable, left }: FailedTry, wait: number): RetryOutcome {
    if (!replayable || !(unsent || this.#idempotent)) return 'unsafe'
    if (this.tries > this.#source.terms.attempts) return 'exhausted'
    if (wait >= left) return 'too-late'
    return this.#live.admitRetry() ? 'retried' : 'over-budget'
  }

  /** Milliseconds. Half of it is random, so that what failed together does not come back together. */
  #wait(): number {
    const { terms, random } = this.#source
    const ceiling = terms.backoff * Math.min(maxGrowth, 2 ** (this.tries - 1))
    return Math.ceil(ceiling / 2 + (random() * ceiling) / 2)
  }
}
