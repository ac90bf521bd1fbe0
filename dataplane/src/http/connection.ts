import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionFacts } from '../gateway/facts.ts'
import type { RefusalCode } from '../gateway/refusal.ts'

/** What all connections of a port share. */
export interface ServerState {
  /** Then the next response of each connection is its last. */
  draining: boolean
}

/** The request that a connection is busy with. */
export interface Serving {
  readonly id: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** What follows the head turned out not to be HTTP. */
  malformed(code: RefusalCode): void
}

/** One client connection. */
export interface Connection {
  readonly facts: ConnectionFacts
  /** What HTTP is spoken on. */
  readonly socket: Socket
  /** The TCP socket: the same, or what lies below TLS. */
  readonly transport: Socket
  readonly state: ServerState
  serving: Serving | null
  /** Whether its next response is its last, since a new connection would show the gateway more. */
  outdated: boolean
  /** Pipelined requests that wait for their turn. */
  readonly waiting: [IncomingMessage, ServerResponse][]
  /** Set when the bytes after the last request could not be parsed; answered when it is their turn. */
  unparsable: RefusalCode | null
}

/** Begins to serve a request; {@link served} must follow when its response is over. */
export type Serve = (connection: Connection, request: IncomingMessage, response: ServerResponse) => Serving

/** How many pipelined requests may wait; one more ends the connection. */
const maxWaiting = 64

export const connectionOf = (
  facts: ConnectionFacts,
  sockets: { readonly socket: Socket; readonly transport: Socket },
  state: ServerState,
): Connection => ({
  facts,
  ...sockets,
  state,
  serving: null,
  outdated: false,
  waiting: [],
  unparsable: null,
})

/**
 * Lets requests of a connection through one at a time, in order. So one connection cannot run many requests at once, and
 * nothing behind a request that ends the connection is ever executed.
 */
export function arrive(connection: Connection, request: IncomingMessage, response: ServerResponse, serve: Serve): void {
  if (connection.serving === null) serve(connection, request, response)
  else if (connection.waiting.length < maxWaiting) connection.waiting.push([request, response])
  else connection.transport.destroy()
}

/** Whether the response to the newest request ends its connection: what had been pipelined before is still answered. */
export const isLast = ({ state, outdated, waiting }: Connection): boolean =>
  (state.draining || outdated) && waiting.length === 0

/** Lets a response that is on its way be the last, where {@link isLast} has become true meanwhile. */
export function conclude(connection: Connection): void {
  const response = connection.serving?.response
  if (response?.headersSent === false && isLast(connection)) response.shouldKeepAlive = false
}

/**
 * The response is over.
 *
 * @param unparsed - answers what could not be parsed, after everything before it
 */
export function served(connection: Connection, serve: Serve, unparsed: (code: RefusalCode) => void): void {
  const last = connection.serving
  connection.serving = null
  if (last === null || !last.response.writableFinished || !last.response.shouldKeepAlive) {
    connection.waiting.length = 0
    return
  }
  const next = connection.waiting.shift()
  const { unparsable } = connection
  if (next === undefined) {
    if (unparsable !== null) unparsed(unparsable)
    return
  }
  const serving = serve(connection, ...next)
  if (unparsable !== null && !serving.request.complete) serving.malformed(unparsable)
}
