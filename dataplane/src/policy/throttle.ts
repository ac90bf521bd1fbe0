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
  /** Name of the provider for which it is blocked; null = for all. */
  readonly provider: string | null
  /** Milliseconds. */
  readonly remaining: number
}

/** Who tries: a network, IPv6 as its /64, and the provider that claims what it presents. */
export interface Guesser {
  readonly network: string
  /** `namespace/name` of the policy whose providers judge. */
  readonly policy: string
  /** null = of all its credentials. */
  readonly provider: string | null
}

/** No network, and no name of a policy or provider, has a space in it. */
const keyOf = ({ network, policy, provider }: Guesser): string =>
  provider === null ? network : `${network} ${policy} ${provider}`

/**
 * The longest block; null = there is none.
 *
 * @param now - monotonic milliseconds
 */
export function blockOf(checks: readonly ThrottleCheck[], guesser: Guesser, now: number): Block | null {
  const key = keyOf(guesser)
  let longest: Block | null = null
  for (const check of checks) {
    const remaining = check.table.blockedFor(key, now)
    if (remaining > (longest?.remaining ?? 0)) longest = { check, provider: guesser.provider, remaining }
  }
  return longest
}

export function countFailure(checks: readonly ThrottleCheck[], guesser: Guesser, now: number): void {
  const key = keyOf(guesser)
  for (const check of checks) check.table.fail(key, check, now)
}
