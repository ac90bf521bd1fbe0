import type { Authentication, Authenticator } from '../policy/authentication.ts'
import type { RequestFacts } from './facts.ts'

/** Looks on while a decision comes about, and says who calls. */
export interface Witness {
  /** Stands in place of authentication. */
  authentication(authenticator: Authenticator, facts: RequestFacts): Authentication | Promise<Authentication>
}
