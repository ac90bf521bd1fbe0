import type { Socket } from 'node:net'
import { blankJudgement } from '../gateway/refusing.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import type { Http1Connection } from './http1Connection.ts'
import { problemBytes, problemOf } from './problem.ts'
import { requestId } from './requestId.ts'
import type { Service } from './service.ts'

/** How long a client may take to read a last answer before its connection is destroyed, in milliseconds. */
const lingerTime = 1_000

/** What a parser error means for the client (RFC 9112, RFC 6585). */
export function parseFault(error: Error): RefusalCode {
  const code = 'code' in error ? error.code : undefined
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers-too-large'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout'
  return 'bad-request'
}

/**
 * Answers bytes that are no request, or a method that leaves HTTP, with one last problem document and a record.
 *
 * @param method - empty when it could not be read
 */
export function answerUnparsed(service: Service, connection: Http1Connection, code: RefusalCode, method: string): void {
  const id = requestId()
  const problem = problemOf(code, { requestId: id, challenge: null, retryAfter: null, quotas: [] })
  endSocket(connection.socket, problemBytes(problem, new Date(service.clock.now())))
  service.record({
    requestId: id,
    revision: service.gateway()?.revision ?? null,
    listener: connection.facts.listener,
    method,
    host: null,
    path: null,
    clientAddress: connection.facts.peerAddress,
    decision: 'refuse',
    code,
    check: 'form',
    status: problem.status,
    judgement: blankJudgement(),
    would: null,
    quotas: [],
    upstream: null,
    completed: true,
    duration: 0,
  })
}

function endSocket(socket: Socket, bytes: string): void {
  const destroy = setTimeout(() => socket.destroy(), lingerTime)
  socket.once('close', () => clearTimeout(destroy))
  socket.on('error', () => socket.destroy())
  socket.end(bytes, 'latin1')
}
