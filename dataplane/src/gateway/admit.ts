import type { Clock } from '../clock.ts'
import { authenticate, isFailure, type Authentication } from '../policy/authentication.ts'
import type { Principal } from '../policy/principal.ts'
import type { AdmissionListener, AdmissionTable } from './admissionTable.ts'
import { fittingListener } from './connectionFit.ts'
import type { RawRequest } from './facts.ts'
import { readRequest } from './form.ts'
import type { Admission, PermitContent } from './gateway.ts'
import { isReserved } from './path.ts'
import { blankJudgement, refuse, refuseBlindly, type Case } from './refusing.ts'
import type { QuotaState, Refusal } from './refusal.ts'
import { findRule } from './router.ts'
import type { EnforcedPlan } from './rulePlan.ts'
import { count, refusedAddress, unauthenticated, unauthorized, unconditional, writtenIdentity } from './stages.ts'

/** Leave to forward one request. The private field makes it nominal: only this file can make one. */
class Admitted {
  readonly outcome = 'permit'
  readonly content: PermitContent
  readonly #admitted = true

  constructor(content: PermitContent) {
    this.content = content
  }

  /** Holds for a permit that this module made, and for nothing that merely looks like one. */
  static isGenuine(value: object): boolean {
    return #admitted in value
  }
}

export type Permit = Admitted

/** Whether a value is a permit that admission made, and not something that looks like one. */
export const isPermit = (value: object): value is Permit => Admitted.isGenuine(value)

/**
 * Decides over one request: the stages of M8 up to forwarding, in their order; the first refusal ends it. What fails
 * unexpectedly refuses.
 *
 * @returns a promise only when a signature has to be verified or a server to be asked
 */
export function admit(table: AdmissionTable, raw: RawRequest): Admission {
  try {
    return begin(table, raw)
  } catch {
    return refuseBlindly('internal-error', 'config')
  }
}

const nobody: AdmissionListener['trusted'] = []

function begin(table: AdmissionTable, raw: RawRequest): Admission {
  const listener = table.listeners.get(raw.connection.listener)
  const facts = readRequest(raw, listener?.trusted ?? nobody)
  if (typeof facts === 'string') return refuseBlindly(facts, 'form')
  const request: Case = { facts, judgement: blankJudgement() }
  if (isReserved(facts.path)) return refuse(request, 'no-route', 'reserved')
  if (table.closed) return refuse(request, 'config-invalid', 'config')
  if (listener === undefined) return refuse(request, 'misdirected', 'route')
  return route(table, listener, request)
}

function route(table: AdmissionTable, own: AdmissionListener, request: Case): Admission {
  const { facts, judgement } = request
  const listener = fittingListener(own, table.selectors.get(own.name)!, facts)
  if (typeof listener === 'string') return refuse(request, listener, 'route')
  const plan = findRule(listener.router, table.tenancy, facts)
  if (typeof plan === 'string') return refuse(request, plan, plan === 'config-invalid' ? 'config' : 'route')
  judgement.route = plan.route
  judgement.rule = plan.rule
  if (table.unreadable.has(plan.namespace)) return refuse(request, 'config-invalid', 'config')
  const refused = unconditional(request, plan.access, listener)
  // A plan that refuses has always refused by now.
  if (refused !== null || plan.access.type === 'Refuse') return refused ?? refuse(request, 'config-invalid', 'config')
  return enforce(table, request, plan.access)
}

function enforce({ clock }: AdmissionTable, request: Case, plan: EnforcedPlan): Admission {
  const kept = refusedAddress(request, plan)
  if (kept !== null) return kept
  const quota = count(request, plan.requestRates, null, { check: 'request-quota', clock })
  if (quota !== null && 'outcome' in quota) return quota
  const { headers, connection } = request.facts
  const certificate = connection.clientCertificate
  const caller = authenticate(plan.authenticator, { headers, certificate }, () => clock.now())
  const conclude = (known: Authentication): Admitted | Refusal =>
    isFailure(known) ? unauthenticated(request, plan, known) : permit(request, plan, known, { quota, clock })
  if (!(caller instanceof Promise)) return conclude(caller)
  return caller.then(conclude).catch(() => refuse(request, 'internal-error', 'authentication'))
}

function permit(
  request: Case,
  plan: EnforcedPlan,
  principal: Principal | null,
  { quota, clock }: { readonly quota: QuotaState | null; readonly clock: Clock },
): Admitted | Refusal {
  const { facts, judgement } = request
  judgement.principal = principal?.id ?? null
  const counted = count(request, plan.principalRates, principal, { check: 'principal-quota', clock })
  if (counted !== null && 'outcome' in counted) return counted
  const refused = unauthorized(request, plan, principal)
  if (refused !== null) return refused
  const identity = writtenIdentity(request, plan, principal)
  if ('outcome' in identity) return identity
  return new Admitted({
    facts,
    plan: plan.forward,
    judgement,
    principal,
    credentialHeaders: plan.authenticator.credentialHeaders,
    identityHeaders: identity,
    quota: nearer(quota, counted),
  })
}

/** Of the two phases, the quota that has less left. */
const nearer = (a: QuotaState | null, b: QuotaState | null): QuotaState | null =>
  a === null || (b !== null && b.remaining < a.remaining) ? b : a
