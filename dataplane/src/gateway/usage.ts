import { clientNetwork } from '../address.ts'
import { isFailure } from '../policy/authentication.ts'
import { present } from '../policy/moment.ts'
import type { Principal } from '../policy/principal.ts'
import { identityOf, readHere, readTogether, wantedRates, type Wanted } from '../policy/quotaReadings.ts'
import { bodyHead } from '../policy/validation.ts'
import type { AdmissionListener, AdmissionTable } from './admissionTable.ts'
import { callerOf } from './caller.ts'
import { blankJudgement, refuse, type Case } from './refusing.ts'
import type { Refusal, UsageAnswer } from './refusal.ts'
import { rulesOf } from './router.ts'
import { deniedAddress, deniedCaller, refusedAddress, revoked, unauthenticated, unconditional } from './stages.ts'
import { subjectOf } from './subject.ts'
import type { FailureTable } from '../state/failures.ts'
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

/** What one answer tells at most, of what is counted here and of what is counted together. */
const mostRates = 64

interface Asking {
  readonly table: AdmissionTable
  readonly listener: AdmissionListener
  readonly request: Case
}

async function told(asking: Asking, plans: readonly UsagePlan[]): Promise<Refusal | UsageAnswer> {
  const { request, table } = asking
  const alone = new Set(plans.map(({ plan }) => plan.authenticator)).size === 1
  const here = new Map<string, Wanted>()
  const together = new Map<string, Wanted>()
  let first: Refusal | null = null
  let known = false
  const guesses: Guess[] = []
  for (const one of plans) {
    const caller = await standing(asking, one, alone, guesses)
    if (caller !== null && 'outcome' in caller) {
      first ??= caller
      continue
    }
    known = true
    request.judgement.principal ??= caller?.id ?? null
    const reader = { ...subjectOf(request, caller), route: one.route }
    for (const { local, shared } of [one.plan.requestQuotas, one.plan.principalQuotas]) {
      const now = present(table.clock)
      for (const wanted of wantedRates(local, reader, now)) here.set(identityOf(wanted), wanted)
      const all = shared.map(({ check }) => check)
      for (const wanted of wantedRates(all, reader, now)) together.set(identityOf(wanted), wanted)
    }
  }
  if (!known) countOnce(request, guesses, table)
  if (!known) return first ?? refuse(request, 'no-route', 'reserved')
  const { judgement, facts } = request
  const later = await readTogether([...together.values()].slice(0, mostRates), table.store)
  const now = present(table.clock)
  const readings = [...here.values()].slice(0, mostRates).map((wanted) => readHere(wanted, now))
  return { outcome: 'usage', judgement, facts, readings: [...readings, ...later], trial: null }
}

/** Who asks, by the providers of some rules, or why they would not let it ask. */
async function standing(
  { table, listener, request: { facts, ...rest } }: Asking,
  { plan, namespace, route }: UsagePlan,
  alone: boolean,
  guesses: Guess[],
): Promise<Principal | null | Refusal> {
  const request = { ...rest, facts, judgement: { ...blankJudgement(), route } }
  if (table.unreadable.has(namespace)) return refuse(request, 'config-invalid', 'config')
  const { authenticator } = plan
  const kept = unconditional(request, plan, listener) ?? refusedAddress(request, plan) ?? deniedAddress(request, plan)
  if (kept !== null) return kept
  // A token is for the rule that it was made for: no other's server is asked about it.
  if (!alone && asksServers(plan)) return refuse(request, 'no-route', 'reserved')
  const block = blockFor(request, plan, table.clock)
  const caller =
    block === null ? await callerOf(request, plan, table.clock) : throttled(request, plan, block, table.clock)
  if (caller !== null && 'outcome' in caller) return caller
  if (isFailure(caller)) {
    if (caller.forged) guesses.push({ plan, provider: caller.provider })
    return unauthenticated(request, { authenticator }, caller)
  }
  return revoked(request, plan, caller) ?? deniedCaller(request, plan, caller) ?? caller
}

/** A credential that the providers of some rules say nobody issued. */
interface Guess {
  readonly plan: UsagePlan['plan']
  readonly provider: string | null
}

/** One credential is one guess, however many rules judge it: it counts once in each table, for each provider. */
function countOnce(request: Case, guesses: readonly Guess[], { clock }: AdmissionTable): void {
  const counted = new Map<FailureTable, Set<string | null>>()
  const isNew = (table: FailureTable, provider: string | null): boolean => {
    const providers = counted.get(table) ?? new Set()
    counted.set(table, providers)
    return providers.size < providers.add(provider).size
  }
  for (const { plan, provider } of guesses) {
    const throttles = plan.throttles.filter(({ table }) => isNew(table, null))
    const providerThrottles = plan.providerThrottles.filter(({ table }) => isNew(table, provider))
    countForgery(request, { ...plan, throttles, providerThrottles }, provider, clock)
  }
}

const asksServers = ({ authenticator }: UsagePlan['plan']): boolean =>
  authenticator.locations.some(({ slots }) => slots.some(({ introspection }) => introspection.length > 0))
