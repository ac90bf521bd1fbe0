import type { Authentication, Authenticator } from '../policy/authentication.ts'
import type { RequestFacts } from './facts.ts'
import type { Check } from './refusal.ts'

/**
 * Words for what a check came to. A rule that is `not-held` does not apply because a condition on the caller or the
 * request does not hold; one that is `not-reached` stands behind the one that decided.
 */
export const stepOutcomes = [
  'passed',
  'counted',
  'verified',
  'anonymous',
  'not-concerned',
  'not-held',
  'permitted',
  'refused',
  'not-reached',
] as const

export type StepOutcome = (typeof stepOutcomes)[number]

/** One thing that was looked at on the way to a decision. */
export interface Step {
  readonly check: Check
  readonly outcome: StepOutcome
  /** `namespace/name`; null = no policy's matter. */
  readonly policy: string | null
  /** Name of the provider, rule or quota. */
  readonly item: string | null
  readonly level: number | null
}

/** Looks on while a decision comes about, and says who calls. */
export interface Witness {
  /** False = nothing is counted, and no quota and no throttle refuses. */
  readonly counts: boolean
  /** Stands in place of authentication. */
  authentication(authenticator: Authenticator, facts: RequestFacts): Authentication | Promise<Authentication>
  saw(step: Step): void
}
