import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionFacts } from '../gateway/facts.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import type { Connection, ServerState, Sockets, Written } from './connection.ts'
import type { Http1Response } from './http1Response.ts'

/** The request that a connection is busy with. */
export interface Serving {
  readonly id: string
  readonly request: IncomingMessage
  readonly response: Http1Response
  /** What follows the head turned out not to be HTTP. */
  malformed(code: RefusalCode): void
}

/** Begins to serve a request; {@link Http1Connection.served} must follow when its response is over. */
export type Serve = (connection: Http1Connection, request: IncomingMessage, response: Http1Response) => Serving

/** How many pipelined requests may wait; one more ends the connection. */
const maxWaiting = 64

/** A connection on which requests have their turn one after the other. */
export class Http1Connection implements Connection, Written {
  readonly facts: ConnectionFacts
  readonly socket: Socket
  readonly transport: Socket
  readonly #state: ServerState
  serving: Serving | null = null
  #outdated = false
  /** Pipelined requests that wait for their turn. */
  readonly #waiting: [IncomingMessage, Http1Response][] = []
  /** Set when the bytes after the last request could not be parsed; answered when it is their turn. */
  unparsable: RefusalCode | null = null

  constructor(facts: ConnectionFacts, { socket, transport }: Sockets, state: ServerState) {
    this.facts = facts
    this.socket = socket
    this.transport = transport
    this.#state = state
  }

  /**
   * Lets requests through one at a time, in order. So one connection cannot run many requests at once, and nothing behind
   * a request that ends the connection is ever executed.
   */
  arrive(request: IncomingMessage, response: Http1Response, serve: Serve): void {
    if (this.serving === null) serve(this, request, response)
    else if (this.#waiting.length < maxWaiting) this.#waiting.push([request, response])
    else this.transport.destroy()
  }

  /** Whether the response to the newest request ends the connection: what had been pipelined before is still answered. */
  get isLast(): boolean {
    return (this.#state.draining || this.#outdated) && this.#waiting.length === 0
  }

  outdate(): void {
    this.#outdated = true
    this.conclude()
  }

  /** Lets a response that is on its way be the last, where {@link isLast} has become true meanwhile. */
  conclude(): void {
    const response = this.serving?.response
    if (response?.headersSent === false && this.isLast) response.makeLast()
  }

  /**
   * The response is over.
   *
   * @param unparsed - answers what could not be parsed, after everything before it
   */
  served(serve: Serve, unparsed: (connection: Http1Connection, code: RefusalCode) => void): void {
    const last = this.serving
    this.serving = null
    if (last === null || !last.response.writableFinished || !last.response.shouldKeepAlive) {
      this.#waiting.length = 0
      return
    }
    const next = this.#waiting.shift()
    const { unparsable } = this
    if (next === undefined) {
      if (unparsable !== null) unparsed(this, unparsable)
      return
    }
    const serving = serve(this, ...next)
    if (unparsable !== null && !serving.request.complete) serving.malformed(unparsable)
  }

  written(): readonly Written[] {
    return [this.serving?.response ?? this]
  }

  /** Of its own end. */
  get unread(): number | null {
    const { writableEnded, writableFinished, writableLength } = this.socket
    return writableEnded && !writableFinished ? writableLength : null
  }

  reset(): void {
    this.transport.resetAndDestroy()
  }

  unasked(): number | null {
    return this.serving === null ? this.transport.bytesRead : null
  }

  end(): void {
    this.socket.destroySoon()
  }

  /** The server itself does. */
  look(): void {}
}
