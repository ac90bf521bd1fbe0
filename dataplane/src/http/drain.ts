import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientRequest } from '../forward/clientSide.ts'

/** What is still read of a body that nobody wants, in bytes and in milliseconds. */
const maxDiscarded = 1024 * 1024
const discardTime = 2_000
/** An unread body of at most this length does not cost the connection. */
const smallBody = 64 * 1024

/** Whether the rest of the body is so short that the connection can be kept. */
export function isSmall({ headers }: ClientRequest): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] === undefined && Number(length ?? 0) <= smallBody
}

/**
 * Ends a response although the client may still be sending. Closing at once would reset the connection and with it the
 * answer (RFC 9112 9.6), so the rest is read and thrown away first, within bounds; what exceeds them costs the
 * connection.
 *
 * @param last - Latin-1: what is still to be written; empty = nothing
 */
export function endAfterRequest(request: IncomingMessage, response: ServerResponse, last: string): void {
  if (!request.readableEnded) request.resume()
  // A request without a body has ended before its message is complete (`optimizeEmptyRequests`).
  if (request.complete || request.readableEnded || response.destroyed) {
    response.end(last, 'latin1')
    return
  }
  if (last !== '') response.write(last, 'latin1')
  const { socket } = response
  let discarded = 0
  const finish = (): void => {
    clearTimeout(deadline)
    request.off('data', count).off('end', finish).off('close', finish)
    response.end()
    if (!request.complete) socket?.destroySoon()
  }
  const count = (chunk: Buffer): void => {
    discarded += chunk.length
    if (discarded > maxDiscarded) finish()
  }
  const deadline = setTimeout(finish, discardTime)
  request.on('data', count).on('end', finish).on('close', finish)
}
