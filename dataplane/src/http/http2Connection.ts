import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { letGo } from '../endedStream.ts'
import type { ConnectionFacts } from '../gateway/facts.ts'
import type { Connection, Sockets, Written } from './connection.ts'
import { FrameBudget } from './frameBudget.ts'
import { FrameGuard } from './frameGuard.ts'
import { GuardedSocket } from './guardedSocket.ts'
import { goaway } from './http2Frame.ts'
import { http2Options } from './http2Options.ts'
import { readHead, type Http2Head } from './http2Head.ts'
import { Http2Request } from './http2Request.ts'
import { Http2Response } from './http2Response.ts'
import type { ConnectionLimits } from './limits.ts'
import { PlacedList } from './placedList.ts'
import type { SessionEnd } from './sessionEnd.ts'

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR, NGHTTP2_SETTINGS_TIMEOUT } = constants

/** Why the gateway itself ended a session; never leaves this process. */
const ended = new Error('the session has ended')

/** What a session is served with. */
export interface Http2Owner {
  readonly limits: ConnectionLimits
  readonly clock: Clock
  /** Begins to serve a request. @returns what is to be done when its stream is over */
  serve(facts: ConnectionFacts, request: Http2Request, response: Http2Response, head: Http2Head): () => void
  /** A session had to be ended. */
  ended(reason: SessionEnd): void
}

/** A connection on which requests run side by side. */
export class Http2Connection implements Connection {
  readonly facts: ConnectionFacts
  readonly transport: Socket
  readonly #socket: GuardedSocket
  readonly #session: ServerHttp2Session
  readonly #owner: Http2Owner
  readonly #budget: FrameBudget
  readonly #guard: FrameGuard
  readonly #responses = new PlacedList<Http2Response>()
  readonly #began: number
  /** Since when nothing is asked; null = something is. */
  #idleSince: number | null
  #asked = false
  /** Since when a header section does not end. */
  #headersSince: number | null = null
  #told = false
  #ending = false

  constructor(facts: ConnectionFacts, { socket, transport }: Sockets, owner: Http2Owner) {
    this.facts = facts
    this.transport = transport
    this.#owner = owner
    this.#began = owner.clock.monotonic()
    this.#idleSince = this.#began
    this.#budget = new FrameBudget(this.#began)
    this.#guard = new FrameGuard(this.#budget)
    this.#socket = new GuardedSocket(socket, this.#guard, (code) => this.#broke(code))
    this.#session = performServerHandshake(this.#socket, http2Options)
    this.#session.on('stream', (stream, _headers: IncomingHttpHeaders, _flags: number, raw: string[]) =>
      this.#take(stream, raw),
    )
    this.#session.on('error', (error) => this.#failed(error))
  }

  written(): Iterable<Written> {
    return this.#responses
  }

  unasked(): number | null {
    return this.#responses.size === 0 ? this.transport.bytesRead : null
  }

  /** What runs is finished; what is asked from now on has to be asked on another connection. */
  outdate(): void {
    this.end()
  }

  /** What is on its way is still answered. */
  conclude(): void {
    if (this.#told || this.#isOver) return
    this.#told = true
    this.#socket.say(goaway(NGHTTP2_NO_ERROR))
  }

  end(): void {
    if (this.#ending) return
    this.#ending = true
    this.#session.close()
    if (this.#responses.size === 0) this.#socket.linger()
  }

  look(now: number): void {
    if (this.#isOver) return
    this.#budget.refill(now)
    const { keepAliveTimeout, headersTimeout } = this.#owner.limits
    this.#headersSince = this.#guard.inHeaders ? (this.#headersSince ?? now) : null
    const silentSince = this.#session.pendingSettingsAck ? this.#began : this.#headersSince
    const idleSince = this.#headersSince === null ? this.#idleSince : null
    if (silentSince !== null && now - silentSince >= headersTimeout) this.#stop('silent', NGHTTP2_SETTINGS_TIMEOUT)
    else if (idleSince !== null && now - idleSince >= (this.#asked ? keepAliveTimeout : headersTimeout)) {
      if (!this.#ending) this.#owner.ended('idle')
      this.end()
    }
  }

  #take(stream: ServerHttp2Stream, raw: readonly string[]): void {
    // What went wrong with a stream is known from how it was closed.
    stream.on('error', ignore)
    this.#budget.understood()
    if (stream.closed || stream.destroyed) {
      this.#wasReset()
      return
    }
    this.#asked = true
    this.#idleSince = null
    const head = readHead(raw, this.facts.scheme, stream.endAfterHeaders)
    const request = new Http2Request(stream, head)
    const response = new Http2Response(stream, request, this.#budget)
    this.#responses.add(response)
    const { id } = stream
    const over = this.#owner.serve(this.facts, request, response, head)
    stream.on('close', () => {
      if (id !== undefined) this.#guard.streams.leave(id)
      response.leave()
      over()
      this.#served(response)
      letGo(stream)
    })
  }

  #served(response: Http2Response): void {
    this.#responses.delete(response)
    if (this.#responses.size === 0) {
      this.#idleSince = this.#owner.clock.monotonic()
      if (this.#ending) this.#socket.linger()
    }
    if (!response.writableFinished && !response.broken) this.#wasReset()
  }

  #wasReset(): void {
    if (this.#budget.reset()) this.#stop('resets', NGHTTP2_ENHANCE_YOUR_CALM)
  }

  #broke(code: number): void {
    this.#stop(code === NGHTTP2_ENHANCE_YOUR_CALM ? this.#budget.exceeded : 'malformed', code)
  }

  /** Ends a session whose client is up to no good, and everything that runs on it. */
  #stop(reason: SessionEnd, code: number): void {
    if (this.#isOver) return
    this.#ending = true
    this.#owner.ended(reason)
    this.#socket.say(goaway(code))
    this.#session.destroy(ended, code)
    this.#socket.linger()
  }

  /** Node or its HTTP/2 library has ended it. */
  #failed(error: Error): void {
    if (this.#ending || !('code' in error) || typeof error.code !== 'string') return
    if (!error.code.startsWith('ERR_HTTP2')) return
    this.#ending = true
    this.#owner.ended('malformed')
    this.#socket.linger()
  }

  get #isOver(): boolean {
    return this.#session.destroyed
  }
}

const ignore = (): void => {}
