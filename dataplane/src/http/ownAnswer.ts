import { pushRateLimit } from '../forward/rateLimit.ts'
import type { AnswerPlan } from '../gateway/actionPlan.ts'
import type { RequestFacts } from '../gateway/facts.ts'
import { locationOf } from '../gateway/location.ts'
import type { QuotaState } from '../gateway/refusal.ts'
import type { Answer } from './problem.ts'

/** RFC 9110 15.3.5: these have no content, and the first not even a length. */
const noContent = 204

/** Bytes of text as Latin-1, so that its length is theirs. */
const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** A redirect or a fixed answer. What a policy guards is for no shared cache unless the route says so (RFC 9111 5.2.2.7). */
export function ownAnswer(
  { action, path, edit }: AnswerPlan,
  facts: RequestFacts,
  quotas: readonly QuotaState[],
): Answer {
  const headers = edit === null ? [] : [...edit.written]
  const cached = edit?.cleared?.has('cache-control') === true || edit?.written.includes('cache-control') === true
  if (!cached) headers.push('cache-control', 'private')
  headers.push('x-request-id', facts.id)
  pushRateLimit(headers, quotas)
  if (action.type === 'Redirect') {
    headers.push('location', locationOf(action, path, facts), 'content-length', '0')
    return { status: action.statusCode, headers, body: '' }
  }
  const body = action.content === null ? '' : bytesOf(action.content.body)
  if (action.content !== null) headers.push('content-type', action.content.type)
  if (action.statusCode !== noContent) headers.push('content-length', String(body.length))
  return { status: action.statusCode, headers, body }
}
