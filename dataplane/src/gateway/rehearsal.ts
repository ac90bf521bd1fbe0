import type { Clock } from '../clock.ts'
import { authenticate } from '../policy/authentication.ts'
import type { Witness } from './witness.ts'

/** Judges a request once more as if it were new, and counts nothing. */
export const rehearsal = (clock: Clock): Witness => ({
  counts: false,
  authentication: (authenticator, facts) => authenticate(authenticator, facts, () => clock.now()),
  saw: () => {},
})
