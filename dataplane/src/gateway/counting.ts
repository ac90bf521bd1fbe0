import { present } from '../policy/moment.ts'
import type { Principal } from '../policy/principal.ts'
import type { QuotaSubject } from '../policy/quotaKeys.ts'
import { bothStates } from '../policy/quotaStates.ts'
import { giveUnitsBack, takeUnits, type QuotaCheck } from '../policy/quotas.ts'
import { countShared, type SharedQuota } from '../policy/sharedQuotas.ts'
import { Weights } from '../policy/weights.ts'
import type { AdmissionTable } from './admissionTable.ts'
import { decidedBy, refuse, type Case } from './refusing.ts'
import { soon, type QuotaState, type Refusal } from './refusal.ts'
import { subjectOf } from './subject.ts'

/** The quotas of a phase. */
export interface PhaseQuotas {
  /** What each data plane counts. */
  readonly local: readonly QuotaCheck[]
  /** What all count together. */
  readonly shared: readonly SharedQuota[]
}

export const hasQuotas = ({ local, shared }: PhaseQuotas): boolean => local.length > 0 || shared.length > 0

export const bothQuotas = (a: PhaseQuotas, b: PhaseQuotas): PhaseQuotas => ({
  local: [...a.local, ...b.local],
  shared: [...a.shared, ...b.shared],
})

/** Those of which answers say the weight. */
export const weighedOf = ({ local, shared }: PhaseQuotas): PhaseQuotas => ({
  local: local.filter(({ cost }) => cost.weight !== null),
  shared: shared.filter(({ check: { cost } }) => cost.weight !== null),
})

/** @returns lower-case names */
export const weightHeaders = ({ local, shared }: PhaseQuotas): readonly string[] =>
  [...local, ...shared.map(({ check }) => check)].flatMap(({ cost: { weight } }) => weight?.name ?? [])

/** @returns what the answer's weight is charged to; null = nobody counts */
export const weightsOf = (
  request: Case,
  { local, shared }: PhaseQuotas,
  principal: Principal | null,
  { store, clock }: Phase['table'],
): Weights | null =>
  request.witness === null ? new Weights({ local, shared, store, clock }, subjectOf(request, principal)) : null

/** Which phase it is, and where it counts. */
export interface Phase {
  readonly check: 'request-quota' | 'principal-quota'
  readonly table: Pick<AdmissionTable, 'clock' | 'store'>
}

/** What counted, the nearest to its limit first. */
export type Counted = Refusal | readonly QuotaState[]

const nothingCounted: readonly QuotaState[] = []

/**
 * Charges all quotas of a phase, or none (M8).
 * What this data plane counts goes first, and is given back when what all count together refuses.
 *
 * @returns a promise only where all count together, which does not reject: what goes wrong in the count refuses
 */
export function count(
  request: Case,
  { local, shared }: PhaseQuotas,
  principal: Principal | null,
  phase: Phase,
): Counted | Promise<Counted> {
  if (request.witness?.counts === false || !hasQuotas({ local, shared })) return nothingCounted
  const subject = subjectOf(request, principal)
  if (local.length === 0) return countTogether(request, { local, shared }, subject, phase)
  const { refusing, states } = takeUnits(local, subject, present(phase.table.clock))
  if (refusing !== null) return exceeded(request, refusing, states, phase)
  if (shared.length === 0) return states
  return countTogether(request, { local, shared }, subject, phase).then((counted) =>
    'outcome' in counted ? counted : bothStates(states, counted),
  )
}

/** Gives back what this data plane has counted when what all count together refuses, or fails. */
async function countTogether(
  request: Case,
  { local, shared }: PhaseQuotas,
  subject: QuotaSubject,
  phase: Phase,
): Promise<Counted> {
  const then = { ...present(phase.table.clock) }
  const counted = await askTogether(request, shared, subject, phase).catch(() =>
    refuse(request, 'internal-error', phase.check),
  )
  if ('outcome' in counted) giveUnitsBack(local, subject, then)
  return counted
}

async function askTogether(
  request: Case,
  shared: readonly SharedQuota[],
  subject: QuotaSubject,
  phase: Phase,
): Promise<Counted> {
  const { store, clock } = phase.table
  if (store === null) {
    decidedByQuota(request, shared[0]!.check)
    // Who does not know where the store is has no configuration: that is no failure of the store.
    return refuse(request, 'config-invalid', 'config')
  }
  const verdict = await countShared(shared, subject, { store, clock })
  if (verdict.type === 'counted')
    return verdict.refusing === null ? verdict.states : exceeded(request, verdict.refusing, verdict.states, phase)
  decidedByQuota(request, verdict.check)
  return refuse(request, 'quota-unavailable', phase.check, { retryAfter: soon })
}

const decidedByQuota = ({ judgement }: Case, { policy, quota, level }: QuotaCheck): void =>
  decidedBy(judgement, { policy, item: quota, level })

function exceeded(request: Case, by: QuotaCheck, states: readonly QuotaState[], { check }: Phase): Refusal {
  decidedByQuota(request, by)
  const retryAfter = Math.max(1, Math.ceil(states[0]!.reset / 1000))
  return refuse(request, 'quota-exceeded', check, { retryAfter, quotas: states })
}
