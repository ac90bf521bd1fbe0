import { preflightHeaders, preflightVary } from '../policy/cors.ts'
import { refuse, type Case } from './refusing.ts'
import type { Preflight, QuotaState, Refusal } from './refusal.ts'

/**
 * Answers a preflight under a rule with cors; nothing of it ever reaches a backend.
 *
 * @param asked - the method that it asks for
 */
export function preflight(request: Case, asked: string, quota: QuotaState | null): Preflight | Refusal {
  const { facts, judgement, answer, trial } = request
  const headers = answer?.cors ? preflightHeaders(answer.cors, asked, facts.headers) : null
  if (answer === null || headers === null) return refuse(request, 'cors-refused', 'cors', { quota })
  return { outcome: 'preflight', judgement, facts, quota, answer, headers: ['vary', preflightVary, ...headers], trial }
}
