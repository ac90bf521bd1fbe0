import type { FailureLimits, FailureTable } from '../state/failures.ts'

/** What one policy does against guessed credentials, at the level at which it is attached. */
export interface ThrottleCheck extends FailureLimits {
  readonly policy: string
  readonly level: number
  readonly table: FailureTable
}

/** Why a network may not try at present. */
export interface Block {
  readonly check: ThrottleCheck
  /** Milliseconds. */
  readonly remaining: number
}

/**
 * The longest block of a network; null = there is none.
 *
 * @param network - of the client's address, IPv6 as its /64
 * @param now - monotonic milliseconds
 */
export function blockOf(checks: readonly ThrottleCheck[], network: string, now: number): Block | null {
  let longest: Block | null = null
  for (const check of checks) {
    const remaining = check.table.blockedFor(network, now)
    if (remaining > (longest?.remaining ?? 0)) longest = { check, remaining }
  }
  return longest
}

export function countFailure(checks: readonly ThrottleCheck[], network: string, now: number): void {
  for (const check of checks) check.table.fail(network, check, now)
}
