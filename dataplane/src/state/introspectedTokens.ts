import type { Verdict } from '../policy/verdict.ts'
import type { Clock } from '../clock.ts'

/** How long and how much is remembered of one provider. */
export interface TokenTableLimits {
  /** Milliseconds; 0 = nothing is remembered. */
  readonly activeTTL: number
  readonly inactiveTTL: number
  readonly activeEntries: number
  readonly inactiveEntries: number
  /** Bytes of the answers that are remembered. */
  readonly bytes: number
}

/** What all tables together hold and may hold, in bytes. */
export interface TableBudget {
  used: number
  readonly limit: number
}

interface Active {
  readonly verdict: Verdict
  /** Monotonic milliseconds. */
  readonly freshUntil: number
  /** Milliseconds since the epoch; null = the answer named no end. */
  readonly expiresAt: number | null
  readonly size: number
}

/** What a refused token takes up, roughly. */
const inactiveSize = 128

const invalid: Verdict = { type: 'invalid', forged: false }

/**
 * What an introspection endpoint said of tokens, by SHA-256 of the whole token. Active and inactive ones are kept apart,
 * so that a flood of invented tokens displaces none that is good. What has gone stale stays until it is displaced: it
 * tells a token that was good once from one that never was.
 */
export class IntrospectedTokens {
  readonly #clock: Clock
  readonly #limits: TokenTableLimits
  readonly #budget: TableBudget
  // Both in the order in which they were stored: the first is the oldest.
  readonly #active = new Map<string, Active>()
  /** Monotonic milliseconds until which it is known. */
  readonly #inactive = new Map<string, number>()
  #bytes = 0
  #closed = false

  constructor(clock: Clock, limits: TokenTableLimits, budget: TableBudget) {
    this.#clock = clock
    this.#limits = limits
    this.#budget = budget
  }

  /** What is still known of a token; null = ask. After the expiry that the answer named it is refused unasked. */
  recall(digest: string): Verdict | null {
    const active = this.#active.get(digest)
    if (active !== undefined) {
      if (active.expiresAt !== null && this.#clock.now() >= active.expiresAt) return invalid
      if (this.#clock.monotonic() < active.freshUntil) return active.verdict
    }
    const refusedUntil = this.#inactive.get(digest)
    return refusedUntil !== undefined && this.#clock.monotonic() < refusedUntil ? invalid : null
  }

  /** Whether anything was ever said of this token that has not been displaced. */
  hasSeen(digest: string): boolean {
    return this.#active.has(digest) || this.#inactive.has(digest)
  }

  /**
   * @param asked - when the endpoint was asked, monotonic: what it says may have been true no later
   * @param size - bytes of the answer
   */
  storeActive(
    digest: string,
    verdict: Verdict,
    { asked, size }: { readonly asked: number; readonly size: number },
  ): void {
    this.#forgetInactive(digest)
    this.#forgetActive(digest)
    const { activeTTL, activeEntries, bytes } = this.#limits
    if (this.#closed || activeTTL === 0 || verdict.type !== 'valid') return
    const fits = (): boolean => this.#bytes + size <= bytes && this.#budget.used + size <= this.#budget.limit
    while (this.#active.size > 0 && !(fits() && this.#active.size < activeEntries))
      this.#forgetActive(oldest(this.#active))
    if (!fits()) return
    const { expiresAt } = verdict.principal
    this.#active.set(digest, { verdict, freshUntil: asked + activeTTL, expiresAt, size })
    this.#pay(size)
  }

  storeInactive(digest: string, asked: number): void {
    const { inactiveTTL, inactiveEntries } = this.#limits
    // What is remembered of it is stale, or nobody would have asked.
    if (this.#closed || inactiveTTL === 0) return
    this.#forgetActive(digest)
    this.#forgetInactive(digest)
    if (this.#inactive.size >= inactiveEntries) this.#forgetInactive(oldest(this.#inactive))
    if (this.#budget.used + inactiveSize > this.#budget.limit) return
    this.#inactive.set(digest, asked + inactiveTTL)
    this.#pay(inactiveSize)
  }

  /** Forgets everything, and remembers nothing more: also no answer that is still on its way. */
  close(): void {
    this.#closed = true
    this.#pay(-this.#bytes)
    this.#active.clear()
    this.#inactive.clear()
  }

  #pay(size: number): void {
    this.#bytes += size
    this.#budget.used += size
  }

  #forgetActive(digest: string): void {
    const entry = this.#active.get(digest)
    if (entry !== undefined && this.#active.delete(digest)) this.#pay(-entry.size)
  }

  #forgetInactive(digest: string): void {
    if (this.#inactive.delete(digest)) this.#pay(-inactiveSize)
  }
}

/** The first key of a map that has one. */
const oldest = (map: ReadonlyMap<string, unknown>): string => map.keys().next().value ?? ''
