import { preflightHeaders, preflightVary } from '../policy/cors.ts'
import type { AdmissionListener, AdmissionTable } from './admissionTable.ts'
import type { Candidate } from './candidate.ts'
import type { RequestFacts } from './facts.ts'
import { refuse, type Case } from './refusing.ts'
import type { Preflight, QuotaState, Refusal } from './refusal.ts'
import { findRule } from './router.ts'
import type { RulePlan } from './rulePlan.ts'

/** The rule for what a preflight asks for, where cors is in force: elsewhere a preflight is a request like any other (M8). */
export function sharedRule(
  table: AdmissionTable,
  listener: AdmissionListener,
  asked: RequestFacts,
): Candidate<RulePlan> | null {
  const found = findRule(listener.router, table.tenancy, asked)
  if (typeof found === 'string') return null
  const { access } = found.destination
  return access.type === 'Enforce' && access.answer?.cors ? found : null
}

/**
 * Answers a preflight under a rule with cors; nothing of it ever reaches a backend.
 *
 * @param asked - the method that it asks for
 */
export function preflight(request: Case, asked: string, quotas: readonly QuotaState[]): Preflight | Refusal {
  const { facts, judgement, answer, trial } = request
  const headers = answer?.cors ? preflightHeaders(answer.cors, asked, facts.headers) : null
  if (answer === null || headers === null) return refuse(request, 'cors-refused', 'cors', { quotas })
  return { outcome: 'preflight', judgement, facts, quotas, answer, headers: ['vary', preflightVary, ...headers], trial }
}
