import { clientNetwork } from '../address.ts'
import { isFailure } from '../policy/authentication.ts'
import { present } from '../policy/moment.ts'
import type { Principal } from '../policy/principal.ts'
import { readUnits, type QuotaReading } from '../policy/quotas.ts'
import { bodyHead } from '../policy/validation.ts'
import type { AdmissionListener, AdmissionTable } from './admissionTable.ts'
import { callerOf } from './caller.ts'
import { blankJudgement, refuse, type Case } from './refusing.ts'
import type { Refusal, UsageAnswer } from './refusal.ts'
import { rulesOf } from './router.ts'
import {
  deniedAddress,
  deniedCaller,
  refusedAddress,
  revoked,
  subjectOf,
  unauthenticated,
  unconditional,
} from './stages.ts'
import { blockFor, countForgery, throttled } from './throttling.ts'
import { usagePlansOf, type UsagePlan } from './usagePlans.ts'

/**
 * Tells a caller what its quotas at a host have left. It is let in as by a rule of the host: for each set of policies that
 * rules there are under it passes source addresses, deny lists, throttle, authentication and revocations, or learns
 * nothing of them; who passes none is refused as the first rule would. No quota is charged, and none asks for a key: what
 * is told is of whoever asks.
 */
export function usage(
  table: AdmissionTable,
  listener: AdmissionListener,
  request: Case,
): Refusal | Promise<Refusal | UsageAnswer> {
  const { facts, witness } = request
  if ((facts.method !== 'GET' && facts.method !== 'HEAD') || bodyHead(facts).present)
    return refuse(request, 'no-route', 'reserved')
  const network = facts.clientAddress === null ? null : clientNetwork(facts.clientAddress)
  const wait = witness === null ? table.usageLimit.ask(network) : 0
  if (wait > 0)
    return refuse(request, 'quota-exceeded', 'reserved', { retryAfter: Math.max(1, Math.ceil(wait / 1000)) })
  const found = rulesOf(listener.router, table.tenancy, facts.host)
  if (found === 'no-route' || found === 'config-invalid') return refuse(request, found, 'reserved')
  const plans = usagePlansOf(found.candidates, found.namespaces)
  return told({ table, listener, request }, plans).catch(() => refuse(request, 'internal-error', 'reserved'))
}

interface Asking {
  readonly table: AdmissionTable
  readonly listener: AdmissionListener
  readonly request: Case
}

async function told(asking: Asking, plans: readonly UsagePlan[]): Promise<Refusal | UsageAnswer> {
  const { request, table } = asking
  const alone = new Set(plans.map(({ plan }) => plan.authenticator)).size === 1
  const readings = new Map<string, QuotaReading>()
  let first: Refusal | null = null
  let known = false
  for (const one of plans) {
    const caller = await standing(asking, one, alone)
    if (caller !== null && 'outcome' in caller) {
      first ??= caller
      continue
    }
    known = true
    request.judgement.principal ??= caller?.id ?? null
    const subject = { ...subjectOf(request, caller), route: one.route }
    const quotas = [...one.plan.requestQuotas, ...one.plan.principalQuotas]
    for (const reading of readUnits(quotas, subject, present(table.clock))) readings.set(reading.identity, reading)
  }
  if (!known) return first ?? refuse(request, 'no-route', 'reserved')
  const { judgement, facts } = request
  return { outcome: 'usage', judgement, facts, readings: [...readings.values()], trial: null }
}

/** Who asks, by the providers of some rules, or why they would not let it ask. */
async function standing(
  { table, listener, request: { facts, ...rest } }: Asking,
  { plan, namespace, route }: UsagePlan,
  alone: boolean,
): Promise<Principal | null | Refusal> {
  const request = { ...rest, facts, judgement: { ...blankJudgement(), route } }
  if (table.unreadable.has(namespace)) return refuse(request, 'config-invalid', 'config')
  const { authenticator } = plan
  const kept = unconditional(request, plan, listener) ?? refusedAddress(request, plan) ?? deniedAddress(request, plan)
  if (kept !== null) return kept
  // A token is for the rule that it was made for: no other's server is asked about it.
  if (!alone && asksServers(plan)) return refuse(request, 'no-route', 'reserved')
  const block = request.witness === null ? blockFor(request, plan, table.clock) : null
  const caller =
    block === null ? await callerOf(request, plan, table.clock) : throttled(request, plan, block, table.clock)
  if (caller !== null && 'outcome' in caller) return caller
  if (isFailure(caller)) {
    if (caller.forged) countForgery(request, plan, caller.provider, table.clock)
    return unauthenticated(request, { authenticator }, caller)
  }
  return revoked(request, plan, caller) ?? deniedCaller(request, plan, caller) ?? caller
}

const asksServers = ({ authenticator }: UsagePlan['plan']): boolean =>
  authenticator.locations.some(({ slots }) => slots.some(({ introspection }) => introspection.length > 0))
