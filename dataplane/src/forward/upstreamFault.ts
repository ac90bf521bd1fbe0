import type { RefusalCode } from '../gateway/refusal.ts'
import type { CallOutcome } from '../state/breakers.ts'
import { NamespaceFull } from '../state/namespaceLoads.ts'
import type { UpstreamFailure } from '../telemetry/upstreamFailure.ts'
import { upstreamFailure } from './upstreamFailure.ts'

/** What an error of a connection means for the client, for the breaker and for the log. */
export interface UpstreamFault {
  readonly code: RefusalCode
  readonly outcome: CallOutcome
  /** Whether the request provably never left, or was refused unprocessed (RFC 9113 8.7): it can be sent again. */
  readonly unsent: boolean
  /** null = it is not the upstream's, or the code says it. */
  readonly failure: UpstreamFailure | null
}

/** What came is no answer, or none that can be passed on. */
export const invalidAnswer: UpstreamFault = {
  code: 'upstream-protocol',
  outcome: 'fault',
  unsent: false,
  failure: 'malformed',
}

/** A connection that has left HTTP is gone without an end. */
export const lostConnection: UpstreamFault = { ...invalidAnswer, failure: 'reset' }

/** The request cannot be sent as it is: its own fault, which must not count against the upstream. */
const refusedRequest = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  // The same of Node's HTTP/2, which also wants headers once that are only once (RFC 9110 5.3).
  'ERR_HTTP2_HEADER_SINGLE_VALUE',
  'ERR_HTTP2_INVALID_CONNECTION_HEADERS',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
])
/** The pool was closed under the request, as at shutdown. */
const closedPool = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])

/**
 * @param started - whether a connection had been found before the error
 */
export function upstreamFault(error: Error, started: boolean): UpstreamFault {
  if (error instanceof NamespaceFull) return { ...ownFault, code: 'namespace-full', unsent: true }
  const code = 'code' in error ? String(error.code) : ''
  if (refusedRequest.has(code)) return { ...ownFault, code: 'bad-request', unsent: false }
  if (closedPool.has(code)) return { ...ownFault, code: 'upstream-connect', unsent: !started }
  const failure = upstreamFailure(error)
  const unsent = !started || failure === 'stream-refused'
  return { code: started ? 'upstream-protocol' : 'upstream-connect', outcome: 'fault', unsent, failure }
}

const ownFault = { outcome: 'neutral', failure: null } as const
