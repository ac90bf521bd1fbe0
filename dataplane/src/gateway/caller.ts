import type { Clock } from '../clock.ts'
import { authenticate, type Authentication } from '../policy/authentication.ts'
import type { Case } from './refusing.ts'
import type { EnforcedPlan } from './rulePlan.ts'
import { withoutCredentials } from './withoutCredentials.ts'

/** Who calls, by the providers of the rule, or by who only looks on. */
export function callerOf(
  { facts, witness }: Case,
  { authenticator }: EnforcedPlan,
  clock: Clock,
): Authentication | Promise<Authentication> {
  if (witness !== null) return witness.authentication(authenticator, facts)
  return authenticate(authenticator, facts, () => clock.now())
}

/** From here on nothing sees the credentials (M10). */
export const bereft = (request: Case, { authenticator }: EnforcedPlan): Case => ({
  ...request,
  facts: withoutCredentials(request.facts, authenticator.places),
})
