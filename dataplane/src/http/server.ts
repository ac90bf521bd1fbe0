import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RefusalCode } from '../gateway/refusal.ts'
import { arrive, type Connection } from './connection.ts'
import { requestHandler } from './handler.ts'
import { defaultLimits } from './limits.ts'
import type { Service } from './servedRequest.ts'
import { answerUnparsed, parseFault } from './unparsed.ts'

const maxHeaderSize = 16 * 1024
const keepAliveProbe = 60_000

/**
 * An HTTP/1.1 server whose every request, and whatever is not one, is answered by this code alone.
 *
 * @param connectionOf - the connection that a socket was registered as
 * @param reserved - answers the gateway's own paths
 */
export function gatewayServer(
  service: Service,
  connectionOf: (socket: Duplex) => Connection | undefined,
  reserved: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const unparsed = (connection: Connection, code: RefusalCode): void => answerUnparsed(service, connection, code, '')
  const serve = requestHandler(service, reserved, unparsed)
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = connectionOf(request.socket)
    if (connection === undefined) request.socket.destroy()
    else arrive(connection, request, response, serve)
  }
  const { headersTimeout, keepAliveTimeout, checkInterval, maxConnections } = service.limits ?? defaultLimits
  const server = createServer(
    {
      optimizeEmptyRequests: true,
      keepAliveTimeout,
      // Written out, because requestTimeout 0 alone would switch it off too.
      headersTimeout,
      // A body may take as long as its route allows.
      requestTimeout: 0,
      connectionsCheckingInterval: checkInterval,
      maxHeaderSize,
      insecureHTTPParser: false,
      // Admission refuses a request without a host, in the form of every other refusal.
      requireHostHeader: false,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveProbe,
    },
    onRequest,
  )
  server.maxConnections = maxConnections
  // Headers beyond a count would be hidden and still used for framing (CVE-2026-58044); admission counts instead.
  server.maxHeadersCount = 0
  server.on('checkContinue', onRequest).on('checkExpectation', onRequest)
  server.on('clientError', (error, socket) => {
    const connection = connectionOf(socket)
    if (connection === undefined || !socket.writable) socket.destroy()
    else onParseError(connection, parseFault(error), unparsed)
  })
  server.on('connect', (request, socket) => {
    const connection = connectionOf(socket)
    if (connection === undefined || connection.serving !== null) socket.destroy()
    else answerUnparsed(service, connection, 'not-implemented', request.method ?? '')
  })
  return server
}

/** Nothing may overtake a response that is under way: what cannot be parsed is answered in its turn, and last. */
function onParseError(
  connection: Connection,
  code: RefusalCode,
  unparsed: (connection: Connection, code: RefusalCode) => void,
): void {
  if (connection.unparsable !== null) return
  connection.unparsable = code
  const { serving } = connection
  if (serving === null) unparsed(connection, code)
  else if (!serving.request.complete) serving.malformed(code)
}
