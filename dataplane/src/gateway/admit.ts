import { isFailure, type Authentication } from '../policy/authentication.ts'
import type { Principal } from '../policy/principal.ts'
import type { AdmissionListener, AdmissionTable } from './admissionTable.ts'
import type { ActionPlan } from './actionPlan.ts'
import { atPresent } from './connectionFit.ts'
import { goesOn } from '../policy/credentialUse.ts'
import { preflightMethod } from '../policy/cors.ts'
import { bothStates } from '../policy/quotaStates.ts'
import { bodyHead } from '../policy/validation.ts'
import type { RawRequest, RequestFacts } from './facts.ts'
import { readRequest } from './form.ts'
import { listenerFor, onListener, trustOn } from './arrival.ts'
import type { Holder } from './holder.ts'
import { count, type Counted, hasQuotas, weightsOf } from './counting.ts'
import type { Admission, Decision, Opinion, PermitContent } from './gateway.ts'
import { bereft, callerOf } from './caller.ts'
import { isReserved } from './path.ts'
import { preflight, sharedRule } from './preflight.ts'
import { blankJudgement, refuse, refuseBlindly, type Case } from './refusing.ts'
import type { QuotaState, Refusal } from './refusal.ts'
import { findRule } from './router.ts'
import type { AccessPlan, EnforcedPlan, RulePlan } from './rulePlan.ts'
import {
  countsOnce,
  deniedAddress,
  deniedCaller,
  occupied,
  refusedAddress,
  replayed,
  revoked,
  unauthenticated,
  unauthorized,
  unconditional,
  unusual,
  writtenIdentity,
} from './stages.ts'
import { passed, sawCaller, sawCounted } from './steps.ts'
import { blockFor, countForgery, throttled } from './throttling.ts'
import { Trial } from './trial.ts'
import { usage } from './usage.ts'
import { unfit } from './validate.ts'
import { asksForUpgrade } from '../policy/webSocket.ts'

/** Leave to forward one request. The private field makes it nominal: only this file can make one. */
class Admitted {
  readonly outcome = 'permit'
  readonly content: PermitContent
  #settled: boolean

  constructor(content: PermitContent) {
    this.content = content
    this.#settled = content.mark === null
  }

  /** Holds for a permit that this module made, and for nothing that merely looks like one. */
  static isGenuine(value: object): boolean {
    return #settled in value
  }

  static isSettled(permit: Admitted): boolean {
    return permit.#settled
  }

  static settle(permit: Admitted): Refusal | null | Promise<Refusal | null> {
    if (permit.#settled) return null
    const refused = permit.content.mark?.() ?? null
    if (refused instanceof Promise) return refused.then((late) => permit.#conclude(late))
    return permit.#conclude(refused)
  }

  #conclude(refused: Refusal | null): Refusal | null {
    this.#settled = refused === null
    return refused
  }
}

export type Permit = Admitted

/** Whether a value is a permit that admission made, and not something that looks like one. */
export const isPermit = (value: object): value is Permit => Admitted.isGenuine(value)

/** Whether nothing is left to be done before the request goes on. */
export const isSettled = (permit: Permit): boolean => Admitted.isSettled(permit)

/**
 * Does what comes between validation and forwarding (M8): marks a credential that counts once, which had to wait for the
 * body to be found right. Call it when that is so, however long it took.
 *
 * @returns why the request does not go on after all, or null; a promise only where all data planes remember together
 */
export const settle = (permit: Permit): Refusal | null | Promise<Refusal | null> => Admitted.settle(permit)

/**
 * Decides over one request: the stages of M8 up to forwarding, in their order; the first refusal ends it. What fails
 * unexpectedly refuses.
 *
 * @param holder - gives back what the request has taken when it is over, also when it is refused
 * @returns a promise only when a signature has to be verified or a server to be asked
 */
export function admit(table: AdmissionTable, raw: RawRequest, holder: Holder): Admission {
  const opinion = judge(table, raw, { holder, witness: null })
  return opinion instanceof Promise ? opinion.then(granted) : granted(opinion)
}

const granted = (opinion: Opinion): Decision => ('outcome' in opinion ? opinion : new Admitted(opinion))

/**
 * Decides as {@link admit} does, and gives no leave to forward.
 *
 * @param around - who sees the request to its end, and who sees how the decision comes about; null = nobody
 */
export function judge(table: AdmissionTable, raw: RawRequest, around: Around): Opinion | Promise<Opinion> {
  try {
    return begin(table, raw, around)
  } catch {
    return refuseBlindly('internal-error', 'config')
  }
}

type Around = Pick<Case, 'holder' | 'witness'>

function begin(table: AdmissionTable, received: RawRequest, { holder, witness }: Around): Opinion | Promise<Opinion> {
  const connection = atPresent(received.connection, table.clock)
  const raw = connection === received.connection ? received : { ...received, connection }
  const facts = readRequest(raw, trustOn(table, connection))
  if (typeof facts === 'string') return refuseBlindly(facts, 'form')
  const request: Case = {
    facts,
    judgement: blankJudgement(),
    template: null,
    answer: null,
    preflight: null,
    trial: null,
    holder,
    witness,
  }
  witness?.saw(passed('form'))
  const asksUsage = table.usage !== null && facts.path === table.usage
  if (isReserved(facts.path) && !asksUsage) return refuse(request, 'no-route', 'reserved')
  if (table.closed) return refuse(request, 'config-invalid', 'config')
  const listener = listenerFor(table, facts)
  if (typeof listener === 'string') return refuse(request, listener, 'route')
  if (asksUsage) return usage(table, listener, request)
  return route(table, listener, listener.name === connection.listener ? request : onListener(request, listener.name))
}

function route(table: AdmissionTable, listener: AdmissionListener, request: Case): Opinion | Promise<Opinion> {
  const { facts, judgement } = request
  const asked = preflightMethod(facts)
  const shared = asked === null ? null : sharedRule(table, listener, { ...facts, method: asked })
  if (shared !== null) request.preflight = asked
  const found = shared ?? findRule(listener.router, table.tenancy, facts)
  if (typeof found === 'string') return refuse(request, found, found === 'config-invalid' ? 'config' : 'route')
  const plan = found.destination
  request.template = found.template
  judgement.route = plan.route
  judgement.rule = plan.rule
  if (table.unreadable.has(plan.namespace)) return refuse(request, 'config-invalid', 'config')
  request.witness?.saw(passed('route'))
  if (plan.shadow !== null) request.trial = trialOf(table, listener, { request, plan, shadow: plan.shadow })
  return underPlan(table, listener, request, plan.access)
}

function trialOf(
  table: AdmissionTable,
  listener: AdmissionListener,
  { request, plan, shadow }: { readonly request: Case; readonly plan: RulePlan; readonly shadow: AccessPlan },
): Trial {
  const { route: name, rule } = plan
  const enforced = plan.access.type === 'Enforce' ? plan.access.authenticator : null
  const tools = { work: table.shadowWork, clock: table.clock, enforced, witness: request.witness }
  return new Trial(tools, (witness) => {
    const judgement = { ...blankJudgement(), route: name, rule }
    return underPlan(table, listener, { ...request, judgement, trial: null, witness }, shadow)
  })
}

function underPlan(
  table: AdmissionTable,
  listener: AdmissionListener,
  request: Case,
  plan: AccessPlan,
): Opinion | Promise<Opinion> {
  request.answer = plan.type === 'Enforce' ? plan.answer : null
  const refused = unconditional(request, plan, listener)
  // A plan that refuses has always refused by now.
  if (refused !== null || plan.type === 'Refuse') return refused ?? refuse(request, 'config-invalid', 'config')
  request.witness?.saw(passed('policy'))
  if (asksForUpgrade(request.facts.headers) && !mayUpgrade(plan.action))
    return refuse(request, 'not-implemented', 'route')
  const opinion = enforce(table, request, plan)
  // Of what fails later and where nobody expects it, it is known whose request it was, but not which check.
  return opinion instanceof Promise ? opinion.catch(() => refuse(request, 'internal-error', 'config')) : opinion
}

const mayUpgrade = (plan: ActionPlan): boolean => plan.type === 'Forward' && plan.action.upgrades.length > 0

function enforce(table: AdmissionTable, request: Case, plan: EnforcedPlan): Opinion | Promise<Opinion> {
  const kept = refusedAddress(request, plan) ?? deniedAddress(request, plan)
  if (kept !== null) return kept
  const counted = count(request, plan.requestQuotas, null, { check: 'request-quota', table })
  if (!(counted instanceof Promise)) return identify(table, request, plan, counted)
  return counted.then((late) => identify(table, request, plan, late))
}

function identify(
  table: AdmissionTable,
  request: Case,
  plan: EnforcedPlan,
  quotas: Counted,
): Opinion | Promise<Opinion> {
  if ('outcome' in quotas) return quotas
  const { clock } = table
  if (request.witness !== null) sawCounted(request.witness, 'request-quota', plan.requestQuotas)
  const odd = unusual(request, plan.requestAnomalies, null)
  if (odd !== null) return odd
  if (request.preflight !== null) return preflight(request, request.preflight, quotas)
  const block = blockFor(request, plan, clock)
  const caller = block === null ? callerOf(request, plan, clock) : throttled(request, plan, block, clock)
  if (caller !== null && 'outcome' in caller) return caller
  const conclude = (known: Authentication): Opinion | Promise<Opinion> => {
    if (request.trial !== null) request.trial.known = known
    if (!isFailure(known)) return permit(bereft(request, plan), plan, known, { quotas, table, whole: request.facts })
    if (known.forged) countForgery(request, plan, known.provider, clock)
    return unauthenticated(request, plan, known)
  }
  if (!(caller instanceof Promise)) return conclude(caller)
  return caller.then(conclude, () => refuse(request, 'internal-error', 'authentication'))
}

/** What is known when the caller is. */
interface Known {
  readonly quotas: readonly QuotaState[]
  readonly table: AdmissionTable
  /** The request with its credentials. */
  readonly whole: RequestFacts
}

function permit(
  request: Case,
  plan: EnforcedPlan,
  principal: Principal | null,
  known: Known,
): Opinion | Promise<Opinion> {
  const { judgement, witness } = request
  judgement.principal = principal?.id ?? null
  const ended = revoked(request, plan, principal) ?? deniedCaller(request, plan, principal)
  if (ended !== null) return ended
  if (witness !== null) sawCaller(witness, plan.authenticator, principal)
  const counted = count(request, plan.principalQuotas, principal, { check: 'principal-quota', table: known.table })
  if (!(counted instanceof Promise)) return authorized(request, plan, principal, together(known, counted))
  return counted.then((late) => authorized(request, plan, principal, together(known, late)))
}

/** What both phases counted, or the refusal of the second. */
const together = (known: Known, counted: Counted): Known | Refusal =>
  'outcome' in counted
    ? counted
    : counted.length === 0
      ? known
      : { ...known, quotas: bothStates(known.quotas, counted) }

function authorized(
  request: Case,
  plan: EnforcedPlan,
  principal: Principal | null,
  known: Known | Refusal,
): Opinion | Promise<Opinion> {
  if ('outcome' in known) return known
  const { quotas, table, whole } = known
  const { facts, judgement, trial, witness } = request
  if (witness !== null) sawCounted(witness, 'principal-quota', plan.principalQuotas)
  const crowded = occupied(request, plan, principal)
  if (crowded !== null) return crowded
  const odd = unusual(request, plan.principalAnomalies, principal)
  if (odd !== null) return odd
  const refused = unauthorized(request, plan, principal)
  if (refused !== null) return refused
  const misshapen = unfit(request, plan, table)
  if (misshapen !== null) return misshapen
  const identity = writtenIdentity(request, plan, principal)
  if ('outcome' in identity) return identity
  // Whoever only looks on uses nothing up, and a body that is refused does not either.
  const marks = witness === null && countsOnce(principal)
  const waits = marks && plan.bodies.length > 0 && bodyHead(facts).present
  const used = marks && !waits ? replayed(request, plan, principal, table) : null
  const content = (): PermitContent => ({
    facts,
    plan: plan.action,
    judgement,
    principal,
    whole: plan.forwarders !== null && principal !== null && goesOn(plan.forwarders, principal) ? whole : null,
    credentialHeaders: plan.authenticator.places.headers,
    allowedHeaders: plan.allowedHeaders,
    identityHeaders: identity,
    quotas,
    weights: hasQuotas(plan.weighed) ? weightsOf(request, plan.weighed, principal, table) : null,
    maxBodySize: Math.min(table.maxBodySize, plan.maxBodySize),
    body: plan.bodies,
    mark: waits ? () => replayed(request, plan, principal, table) : null,
    answer: plan.answer,
    trial,
  })
  if (used instanceof Promise) return used.then((refusal) => refusal ?? content())
  return used ?? content()
}
