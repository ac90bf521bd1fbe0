import { parseAddress } from '../address.ts'
import type { Failure } from '../policy/authentication.ts'
import { authorize, brokenGuard, wantedTrust, type Asked } from '../policy/authorization.ts'
import { stepUpChallenge } from '../policy/challenges.ts'
import { unusualIn, type AnomalyCheck } from '../policy/anomaly.ts'
import { deniesAddress, deniesCaller } from '../policy/denyList.ts'
import { identityHeaders } from '../policy/identityHeaders.ts'
import { otherReadings } from '../policy/paths.ts'
import type { Principal } from '../policy/principal.ts'
import { isRevoked } from '../policy/revocations.ts'
import { takeSlots } from '../policy/concurrency.ts'
import { namespaceOf } from '../policy/namespaceOf.ts'
import { namesFrom } from '../policy/trustNames.ts'
import { refusedSource } from '../policy/sourceAddresses.ts'
import type { Marking } from '../state/replays.ts'
import type { AdmissionListener, AdmissionTable } from './admissionTable.ts'
import { decidedBy, refuse, type Case } from './refusing.ts'
import { soon, type Refusal } from './refusal.ts'
import type { EnforcedPlan, RefusedPlan, RulePlan } from './rulePlan.ts'
import { sawConcurrency, sawRules } from './steps.ts'
import { subjectOf } from './subject.ts'

/** A rule that is refused whoever asks: broken, unprotected, or asking for credentials where anybody can read them. */
export function unconditional(request: Case, plan: RulePlan['access'], listener: AdmissionListener): Refusal | null {
  if (plan.type === 'Refuse') return refusedPlan(request, plan)
  const { authenticator, authorization } = plan
  const { connection } = request.facts
  if (
    authenticator.asksForCredential &&
    connection.scheme === 'http' &&
    listener.spec.plaintextCredentials === 'Refuse'
  ) {
    decidedBy(request.judgement, { policy: authenticator.policy, item: null, level: authenticator.level })
    return refuse(request, 'config-invalid', 'config')
  }
  if (authorization.broken.length === 0) return null
  const broken = brokenGuard(authorization, askedOf(request, plan))
  if (broken === null) return null
  decidedBy(request.judgement, { policy: broken.policy, item: broken.name, level: broken.level })
  return refuse(request, 'config-invalid', 'config')
}

function refusedPlan(request: Case, { code, policy }: RefusedPlan): Refusal {
  decidedBy(request.judgement, { policy, item: null, level: null })
  return refuse(request, code, code === 'no-policy' ? 'policy' : 'config')
}

/** A preflight stands for what it asks for. */
const askedOf = ({ facts, template, preflight }: Case, { authenticator }: EnforcedPlan): Asked => ({
  method: preflight ?? facts.method,
  path: facts.path,
  otherPaths: otherReadings(facts.path),
  clientAddress: facts.clientAddress,
  certificate: facts.connection.clientCertificate,
  facts,
  template,
  credentials: authenticator.places,
  expressions: null,
})

/** An address that some policy in force does not let call. */
export function refusedAddress(request: Case, { sources }: EnforcedPlan): Refusal | null {
  if (sources.length === 0) return null
  const check = refusedSource(sources, request.facts.clientAddress)
  if (check === null) return null
  decidedBy(request.judgement, { policy: check.policy, item: null, level: check.level })
  return refuse(request, 'forbidden', 'source-ip')
}

/** An address on a deny list of some policy in force. */
export function deniedAddress(request: Case, { deniedAddresses }: EnforcedPlan): Refusal | null {
  if (deniedAddresses.length === 0) return null
  const { clientAddress } = request.facts
  const address = clientAddress === null ? null : parseAddress(clientAddress)
  for (const { policy, level, addresses } of deniedAddresses) {
    if (!deniesAddress(addresses, address)) continue
    decidedBy(request.judgement, { policy, item: null, level })
    return refuse(request, 'denied', 'deny-list')
  }
  return null
}

/** A caller on a deny list of some policy in force. */
export function deniedCaller(
  request: Case,
  { deniedCallers }: EnforcedPlan,
  principal: Principal | null,
): Refusal | null {
  if (principal === null) return null
  for (const { policy, level, callers } of deniedCallers) {
    if (!deniesCaller(callers, principal)) continue
    decidedBy(request.judgement, { policy, item: principal.provider, level })
    return refuse(request, 'denied', 'deny-list')
  }
  return null
}

/** Takes the places that the request has among those that run at once, until it is over; or none, when one is not free. */
export function occupied(request: Case, { concurrency }: EnforcedPlan, principal: Principal | null): Refusal | null {
  const { holder, witness, judgement } = request
  if (concurrency.length === 0) return null
  if (witness !== null) sawConcurrency(witness, concurrency)
  if (holder === null || holder.over || witness?.counts === false) return null
  const full = takeSlots(concurrency, subjectOf(request, principal), holder)
  if (full === null) return null
  decidedBy(judgement, { policy: full.policy, item: null, level: full.level })
  return refuse(request, 'concurrency-exceeded', 'concurrency', { retryAfter: soon })
}

/** Takes note of a request, and refuses what is too much of what is unusual. */
export function unusual(request: Case, checks: readonly AnomalyCheck[], principal: Principal | null): Refusal | null {
  if (checks.length === 0 || request.witness?.counts === false) return null
  const found = unusualIn(checks, subjectOf(request, principal))
  if (found === null) return null
  const { policy, level } = found.check
  request.judgement.anomaly = policy
  if (found.wait === 0) return null
  decidedBy(request.judgement, { policy, item: null, level })
  return refuse(request, 'unusual-traffic', 'anomaly', { retryAfter: Math.max(1, Math.ceil(found.wait / 1000)) })
}

export function unauthenticated(
  request: Case,
  { authenticator }: Pick<EnforcedPlan, 'authenticator'>,
  failure: Failure,
): Refusal {
  const { code, provider, challenge, retryAfter } = failure
  decidedBy(request.judgement, { policy: authenticator.policy, item: provider, level: authenticator.level })
  return refuse(request, code, 'authentication', { challenge, retryAfter })
}

/** A caller whose credential was good, and is revoked by a policy in force. */
export function revoked(
  request: Case,
  { authenticator, revocations }: EnforcedPlan,
  principal: Principal | null,
): Refusal | null {
  if (principal === null) return null
  for (const { policy, level, list } of revocations) {
    if (list !== 'broken' && !isRevoked(list, principal)) continue
    decidedBy(request.judgement, { policy, item: principal.provider, level })
    if (list === 'broken') return refuse(request, 'config-invalid', 'authentication')
    return refuse(request, 'unauthenticated', 'authentication', { challenge: authenticator.challenges.invalid })
  }
  return null
}

/** Whether a caller's credential counts only once. */
export const countsOnce = (principal: Principal | null): boolean => (principal?.token?.singleUse ?? null) !== null

/**
 * Marks a credential that counts once; it stays marked whatever becomes of the request. One that has expired since it was
 * verified, as while a body came in, does not count: its mark would be forgotten at once.
 */
export function replayed(
  request: Case,
  plan: EnforcedPlan,
  principal: Principal | null,
  { replays, store, clock }: Pick<AdmissionTable, 'replays' | 'store' | 'clock'>,
): Refusal | null | Promise<Refusal | null> {
  const use = principal?.token?.singleUse ?? null
  if (principal === null || use === null) return null
  const now = clock.now()
  const until = principal.expiresAt ?? Infinity
  const single = { principal: principal.id, id: use.id, until }
  if (until <= now) return marked(request, plan, principal, 'seen')
  if (use.scope === 'Replica') return marked(request, plan, principal, replays.mark(single, now))
  if (store === null) return marked(request, plan, principal, 'unknown')
  return store
    .mark(single, now, namespaceOf(request.judgement.route ?? ''))
    .then((marking) => marked(request, plan, principal, marking))
    .catch(() => refuse(request, 'internal-error', 'replay'))
}

function marked(
  request: Case,
  { authenticator }: EnforcedPlan,
  principal: Principal,
  marking: Marking,
): Refusal | null {
  if (marking === 'first') return null
  decidedBy(request.judgement, {
    policy: authenticator.policy,
    item: principal.provider,
    level: authenticator.level,
  })
  if (marking === 'full' || marking === 'unknown')
    return refuse(request, 'replays-full', 'replay', { retryAfter: marking === 'unknown' ? soon : null })
  return refuse(request, 'unauthenticated', 'replay', { challenge: authenticator.challenges.invalid })
}

/** Applies the rules (M4). An anonymous caller that another provider could have let in is asked for a credential. */
export function unauthorized(request: Case, plan: EnforcedPlan, principal: Principal | null): Refusal | null {
  const { authenticator, authorization } = plan
  const asked = askedOf(request, plan)
  const rule = authorize(authorization, asked, principal)
  if (request.witness !== null) sawRules(request.witness, authorization, asked, principal)
  const { policy, level: decidedAt } = rule ?? authorization.decider
  decidedBy(request.judgement, { policy, item: rule?.name ?? null, level: decidedAt })
  if (rule?.action === 'Allow') return null
  if (principal === null && authenticator.asksForCredential)
    return refuse(request, 'unauthenticated', 'authorization', { challenge: authenticator.challenges.missing })
  const level = principal === null ? null : wantedTrust(authorization, rule, asked, principal)
  if (principal === null || level === null) return refuse(request, 'forbidden', 'authorization')
  const names = namesFrom(authenticator.trustNames.get(principal.providerObject) ?? [], level)
  return refuse(request, 'unauthenticated', 'authorization', { challenge: stepUpChallenge(names) })
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
