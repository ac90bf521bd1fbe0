import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionFacts } from '../gateway/facts.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import type { Protocol, ServerState, Sockets } from './connection.ts'
import { expectsContinue, handle, headFault } from './handler.ts'
import { Http1Connection, type Serving } from './http1Connection.ts'
import { Http1Response } from './http1Response.ts'
import { defaultLimits } from './limits.ts'
import { requestId } from './requestId.ts'
import { ServedRequest } from './servedRequest.ts'
import type { Service } from './service.ts'
import { answerUnparsed, parseFault } from './unparsed.ts'

const maxHeaderSize = 16 * 1024
const keepAliveProbe = 60_000

/** Answers the gateway's own paths. */
type Reserved = (request: IncomingMessage, response: ServerResponse) => void

/** HTTP/1.1: its every request, and whatever is not one, is answered by the gateway's own code alone. */
export class Http1 implements Protocol {
  /** What listens. It does nothing with its sockets but hand them over as `connection`. */
  readonly server: Server
  readonly #service: Service
  readonly #state: ServerState
  readonly #connections = new WeakMap<Duplex, Http1Connection>()
  #reserved: Reserved = (_request, response) => response.destroy()
  /** What makes a socket speak HTTP. */
  readonly #speak: readonly ((socket: Duplex) => void)[]

  constructor(service: Service, state: ServerState) {
    this.#service = service
    this.#state = state
    this.server = this.#createServer()
    // Node would end them in the moment of closing, at which the next request of many is on its way.
    this.server.closeIdleConnections = () => {}
    this.#speak = this.server.listeners('connection').map((listener) => listener.bind(this.server))
    this.server.removeAllListeners('connection')
  }

  /** Where requests for the gateway's own paths go. */
  reserve(reserved: Reserved): void {
    this.#reserved = reserved
  }

  accept(facts: ConnectionFacts, sockets: Sockets): Http1Connection {
    const connection = new Http1Connection(facts, sockets, this.#state)
    this.#connections.set(sockets.socket, connection)
    for (const speak of this.#speak) speak(sockets.socket)
    return connection
  }

  /** The id of a request that is being served; null = none such is. */
  idOf(request: IncomingMessage): string | null {
    return this.#connections.get(request.socket)?.serving?.id ?? null
  }

  #createServer(): Server {
    const onRequest = (request: IncomingMessage, response: Http1Response): void => {
      const connection = this.#connections.get(request.socket)
      if (connection === undefined) request.socket.destroy()
      else connection.arrive(request, response, this.#serve)
    }
    const { headersTimeout, keepAliveTimeout, checkInterval } = this.#service.limits ?? defaultLimits
    const server = createServer(
      {
        ServerResponse: Http1Response,
        optimizeEmptyRequests: true,
        keepAliveTimeout,
        // Written out, because requestTimeout 0 alone would switch it off too.
        headersTimeout,
        // A body may take as long as its route allows.
        requestTimeout: 0,
        connectionsCheckingInterval: checkInterval,
        maxHeaderSize,
        // Whatever else a client wants to become is a request that is refused.
        shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
        insecureHTTPParser: false,
        // Admission refuses a request without a host, in the form of every other refusal.
        requireHostHeader: false,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveProbe,
      },
      onRequest,
    )
    // Headers beyond a count would be hidden and still used for framing (CVE-2026-58044); admission counts instead.
    server.maxHeadersCount = 0
    server.on('checkContinue', onRequest).on('checkExpectation', onRequest)
    server.on('clientError', (error, socket) => {
      const connection = this.#connections.get(socket)
      if (connection === undefined || !socket.writable) socket.destroy()
      else this.#parseFailed(connection, parseFault(error))
    })
    server.on('upgrade', (request, socket, early) => {
      const connection = this.#connections.get(socket)
      // Behind a request that is being answered nothing can be left.
      if (connection === undefined || connection.serving !== null) socket.destroy()
      else this.#serve(connection, request, upgradable(request, connection.socket, early))
    })
    server.on('connect', (request, socket) => {
      const connection = this.#connections.get(socket)
      if (connection === undefined || connection.serving !== null) socket.destroy()
      else answerUnparsed(this.#service, connection, 'not-implemented', request.method ?? '')
    })
    return server
  }

  readonly #serve = (connection: Http1Connection, request: IncomingMessage, response: Http1Response): Serving => {
    response.carrier = connection
    const start = { id: requestId(), awaitsContinue: expectsContinue(request) }
    const serving = new ServedRequest(this.#service, connection.facts, { request, response }, start)
    connection.serving = serving
    response.on('error', ignore)
    response.on('close', () => {
      serving.close()
      connection.served(this.#serve, this.#unparsed)
    })
    // The parser takes what follows an offer to upgrade for another protocol.
    if (connection.isLast || request.headers.upgrade !== undefined) response.makeLast()
    handle(serving, headFault(request), this.#reserved)
    return serving
  }

  readonly #unparsed = (connection: Http1Connection, code: RefusalCode): void =>
    answerUnparsed(this.#service, connection, code, '')

  /** Nothing may overtake a response that is under way: what cannot be parsed is answered in its turn, and last. */
  #parseFailed(connection: Http1Connection, code: RefusalCode): void {
    if (connection.unparsable !== null) return
    connection.unparsable = code
    const { serving } = connection
    if (serving === null) this.#unparsed(connection, code)
    else if (!serving.request.complete) serving.malformed(code)
  }
}

/** The server has let go of the socket: what it does for other responses is done here. */
function upgradable(request: IncomingMessage, socket: Socket, early: Buffer): Http1Response {
  const response = new Http1Response(request)
  response.early = early
  response.makeLast()
  response.assignSocket(socket)
  socket.on('error', () => socket.destroy())
  response.on('finish', () => socket.destroySoon())
  return response
}

const ignore = (): void => {}
