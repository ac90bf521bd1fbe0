import { clientNetwork } from '../address.ts'
import type { Clock } from '../clock.ts'
import type { Failure } from '../policy/authentication.ts'
import { authorize, brokenGuard, type Asked } from '../policy/authorization.ts'
import { preflightHeaders, preflightVary } from '../policy/cors.ts'
import { identityHeaders } from '../policy/identityHeaders.ts'
import { looseReading } from '../policy/paths.ts'
import type { Principal } from '../policy/principal.ts'
import { takeTokens, type RateCheck } from '../policy/quotas.ts'
import type { AdmissionListener } from './admissionTable.ts'
import { decidedBy, refuse, type Case } from './refusing.ts'
import type { Preflight, QuotaState, Refusal } from './refusal.ts'
import type { EnforcedPlan, RefusedPlan, RulePlan } from './rulePlan.ts'

/**
 * A rule that is refused whoever asks: broken, unprotected, or asking for credentials where anybody can read them.
 *
 * @param method - of the request, or what a preflight asks for
 */
export function unconditional(
  request: Case,
  plan: RulePlan['access'],
  listener: AdmissionListener,
  method: string,
): Refusal | null {
  if (plan.type === 'Refuse') return refusedPlan(request, plan)
  const { authenticator, authorization } = plan
  const { path, connection } = request.facts
  if (
    authenticator.asksForCredential &&
    connection.scheme === 'http' &&
    listener.spec.plaintextCredentials === 'Refuse'
  ) {
    decidedBy(request.judgement, { policy: authenticator.policy, item: null, level: authenticator.level })
    return refuse(request, 'config-invalid', 'config')
  }
  if (authorization.broken.length === 0) return null
  const broken = brokenGuard(authorization, { method, path, loosePath: looseReading(path) })
  if (broken === null) return null
  decidedBy(request.judgement, { policy: broken.policy, item: broken.name, level: broken.level })
  return refuse(request, 'config-invalid', 'config')
}

function refusedPlan(request: Case, { code, policy }: RefusedPlan): Refusal {
  decidedBy(request.judgement, { policy, item: null, level: null })
  return refuse(request, code, code === 'no-policy' ? 'policy' : 'config')
}

/**
 * Takes a token of each rate, or of none (M8).
 *
 * @returns the quota nearest to its limit; null when nothing is counted
 */
export function count(
  request: Case,
  rates: readonly RateCheck[],
  principal: Principal | null,
  phase: { readonly check: 'request-quota' | 'principal-quota'; readonly clock: Clock },
): Refusal | QuotaState | null {
  if (rates.length === 0) return null
  const { facts, judgement } = request
  const subject = { network: clientNetwork(facts.clientAddress), route: judgement.route ?? '', principal }
  const { passed, check, state } = takeTokens(rates, subject, phase.clock.monotonic())
  if (passed) return state
  decidedBy(judgement, { policy: check.policy, item: check.quota, level: check.level })
  const retryAfter = Math.max(1, Math.ceil(state.reset / 1000))
  return refuse(request, 'quota-exceeded', phase.check, { retryAfter, quota: state })
}

/** Answers a preflight under a rule with cors; nothing of it ever reaches a backend. */
export function preflight(request: Case, asked: string, quota: QuotaState | null): Preflight | Refusal {
  const { facts, judgement, answer } = request
  const headers = answer?.cors ? preflightHeaders(answer.cors, asked, facts.headers) : null
  if (answer === null || headers === null) return refuse(request, 'cors-refused', 'cors', { quota })
  return { outcome: 'preflight', judgement, facts, quota, answer, headers: ['vary', preflightVary, ...headers] }
}

export function unauthenticated(request: Case, { authenticator }: EnforcedPlan, failure: Failure): Refusal {
  const { code, provider, challenge, retryAfter } = failure
  decidedBy(request.judgement, { policy: authenticator.policy, item: provider, level: authenticator.level })
  return refuse(request, code, 'authentication', { challenge, retryAfter })
}

/** Applies the rules (M4). An anonymous caller that another provider could have let in is asked for a credential. */
export function unauthorized(
  request: Case,
  { authenticator, authorization }: EnforcedPlan,
  principal: Principal | null,
): Refusal | null {
  const { method, path } = request.facts
  const asked: Asked = { method, path, loosePath: looseReading(path) }
  const rule = authorize(authorization, asked, principal)
  const { policy, level } = rule ?? authorization.decider
  decidedBy(request.judgement, { policy, item: rule?.name ?? null, level })
  if (rule?.action === 'Allow') return null
  if (principal === null && authenticator.asksForCredential)
    return refuse(request, 'unauthenticated', 'authorization', { challenge: authenticator.challenges.missing })
  return refuse(request, 'forbidden', 'authorization')
}

const noHeaders: readonly string[] = []

/** @returns name, value, name, value …, or the refusal when the caller's attributes cannot be written (M10) */
export function writtenIdentity(
  request: Case,
  { identityHeaders: plan }: EnforcedPlan,
  principal: Principal | null,
): readonly string[] | Refusal {
  if (plan === null) return noHeaders
  const written = identityHeaders(plan, principal)
  if (typeof written !== 'string') return written
  decidedBy(request.judgement, { policy: plan.policy, item: written, level: plan.level })
  return refuse(request, 'forbidden', 'identity')
}
