import type { ClientRequest } from '../forward/clientSide.ts'
import { isGrpcType } from '../forward/grpcType.ts'
import { grpcStatusOf } from '../gateway/grpcStatus.ts'
import { refusals, type RefusalCode } from '../gateway/refusal.ts'
import type { Answer, ProblemDetails } from './problem.ts'

/** An answer of the gateway's own to a client of gRPC: no message, and what is wrong in the trailers. */
export interface GrpcProblem extends Answer {
  readonly trailers: [string, string][]
}

/**
 * Whether a request is one of gRPC, which exists over HTTP/2 alone: elsewhere its clients, if there are any, read the
 * status of HTTP (gRPC over HTTP/2, "HTTP Status Code to gRPC Status Code").
 */
export function isGrpc({ httpVersion, rawHeaders }: Pick<ClientRequest, 'httpVersion' | 'rawHeaders'>): boolean {
  if (!httpVersion.startsWith('2')) return false
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === 'content-type') return isGrpcType(rawHeaders[at + 1] ?? '')
  return false
}

/** A refusal as gRPC says it: status 200, and a status of its own behind an answer without messages. */
export function grpcProblemOf(code: RefusalCode, { requestId, challenge, retryAfter }: ProblemDetails): GrpcProblem {
  const headers = ['content-type', 'application/grpc', 'cache-control', 'no-store', 'x-request-id', requestId]
  if (challenge !== null) headers.push('www-authenticate', challenge)
  if (retryAfter !== null) headers.push('retry-after', String(retryAfter))
  const trailers: [string, string][] = [
    ['grpc-status', String(grpcStatusOf(code))],
    ['grpc-message', `${refusals[code].title} (${code})`],
  ]
  return { status: 200, headers, body: '', trailers }
}
