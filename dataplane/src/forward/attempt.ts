import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { BreakerCall, CallOutcome } from '../state/breakers.ts'
import type { RequestControl, ResponseHandler } from '../state/connections.ts'
import type { Place } from '../state/places.ts'
import type { PooledAddress } from '../state/pools.ts'
import { knownLength, type UpstreamHeaders } from './responseHeaders.ts'
import { invalidAnswer, upstreamFault, type UpstreamFault } from './upstreamFault.ts'

/** Who makes an attempt. Nothing but its release is told any more once the attempt has been given up. */
export interface AttemptOwner {
  /** There is a connection, and the request leaves. */
  started(): void
  /** Bytes of the request have left. */
  moved(): void
  /** The whole request has left. */
  sent(): void
  /** An interim response. */
  informed(status: number, headers: UpstreamHeaders): void
  answered(status: number, headers: UpstreamHeaders, now: number): Reception
  /** The upstream has left HTTP at the request's wish. @returns false when that is not what was asked for */
  upgraded(headers: UpstreamHeaders, connection: Duplex, now: number): boolean
  /** @returns false when no more can be taken until `resume` is called */
  received(chunk: Buffer): boolean
  finished(trailers: UpstreamHeaders): void
  /** Its connection is done with it; told once. */
  released(): void
  broke(fault: UpstreamFault): void
}

/** What becomes of a response: `unframed` cannot be passed on, `unwanted` is read to its end and dropped. */
export type Reception = 'taken' | 'unwanted' | 'unframed'

/** Where an attempt goes, and what it must give back. */
export interface AttemptTarget {
  readonly target: PooledAddress
  readonly call: BreakerCall | null
  readonly place: Place | null
}

/** How an attempt begins. */
export interface AttemptStart {
  /** Monotonic time of the dispatch. */
  readonly now: number
  /** Whether the client has its part in how long the request takes to leave. */
  readonly uploads: boolean
}

/** What is still read of a response that nobody wants, so that its connection is kept: bytes, and milliseconds. */
const maxDropped = 64 * 1024
const dropTime = 2_000

/** Most interim responses of one try: each is kept for a client that may not be reading. */
const maxInterim = 16

/** Why the gateway itself ended an attempt; never leaves this process. */
const gone = new Error('the attempt has been given up')

/**
 * One try of a request on one upstream connection: its events in, those of its owner out. It owns its place among
 * those that run and in the pool, and its call to the breaker, and gives each back exactly once.
 */
export class Attempt implements ResponseHandler {
  readonly address: string
  /** The upstream's status; null when it gave none. */
  status: number | null = null
  /** Milliseconds from dispatch to the response's head; null without one. */
  headTime: number | null = null
  readonly #owner: AttemptOwner
  readonly #target: PooledAddress
  readonly #call: BreakerCall | null
  readonly #place: Place | null
  readonly #clock: Clock
  /** Monotonic. */
  readonly #dispatched: number
  readonly #uploads: boolean
  /** When the upstream had the whole request, monotonic; null = it has not. */
  #asked: number | null = null
  #controller: RequestControl | null = null
  #over = false
  #reported = false
  #released = false
  #interim = 0
  /** Bytes that may still come of a response that is dropped. */
  #dropped = maxDropped
  #dropTimer: NodeJS.Timeout | null = null

  constructor(
    owner: AttemptOwner,
    { target, call, place }: AttemptTarget,
    clock: Clock,
    { now, uploads }: AttemptStart,
  ) {
    this.#owner = owner
    this.#target = target
    this.#call = call
    this.#place = place
    this.#clock = clock
    this.#dispatched = now
    this.#uploads = uploads
    this.address = target.address
    target.inFlight++
  }

  /** Where it went. */
  get target(): PooledAddress {
    return this.#target
  }

  /** Whether it holds a connection. */
  get connected(): boolean {
    return this.#controller !== null
  }

  /** Whether it waits for a connection. */
  get connecting(): boolean {
    return this.#controller === null && !this.#over
  }

  /** The owner can take more. */
  resume(): void {
    this.#controller?.resume()
  }

  /**
   * Lets go of the upstream. Harmless once it is over.
   *
   * @param outcome - what that says about the upstream, unless that has been said already
   */
  giveUp(outcome: CallOutcome): void {
    if (this.#over) return
    this.#over = true
    this.#report(outcome, null)
    this.#controller?.abort(gone)
  }

  /** No connection has it, so that none will say when it is done with it. */
  abandon(): void {
    this.giveUp('neutral')
    this.#release()
  }

  onRequestStart(controller: RequestControl): void {
    // Throwing takes the request off the connection; an abort would cost the connection.
    if (this.#over) throw gone
    this.#controller = controller
    this.#owner.started()
  }

  onBodySent(): void {
    if (!this.#over) this.#owner.moved()
  }

  onRequestSent(): void {
    this.#asked = this.#uploads ? this.#clock.monotonic() : this.#dispatched
    if (!this.#over) this.#owner.sent()
  }

  onResponseStart(_controller: RequestControl, status: number, headers: UpstreamHeaders): void {
    if (this.#over) return
    if (status < 200) {
      if (++this.#interim > maxInterim) this.#refuse()
      else this.#owner.informed(status, headers)
      return
    }
    const now = this.#clock.monotonic()
    const took = this.#asked === null ? null : now - this.#asked
    const reception = this.#owner.answered(status, headers, now)
    if (reception === 'unframed') {
      this.#refuse()
      return
    }
    this.status = status
    this.headTime = now - this.#dispatched
    this.#report(isFault(status) ? 'fault' : 'success', took)
    if (reception === 'unwanted') this.#drop(headers)
  }

  onRequestUpgrade(_controller: RequestControl, status: number, headers: UpstreamHeaders, connection: Duplex): void {
    this.#controller = null
    // undici is done with it, but its place is taken as long as it is open.
    connection.once('close', () => this.#release())
    if (this.#over) {
      connection.destroy()
      return
    }
    this.#over = true
    const now = this.#clock.monotonic()
    this.status = status
    const took = now - this.#dispatched
    this.headTime = took
    if (this.#owner.upgraded(headers, connection, now)) {
      this.#report('success', took)
      return
    }
    connection.destroy()
    this.#report('fault', null)
    this.#owner.broke(invalidAnswer)
  }

  onResponseData(controller: RequestControl, chunk: Buffer): void {
    if (this.#over) {
      this.#dropped -= chunk.length
      if (this.#dropped < 0) controller.abort(gone)
    } else if (!this.#owner.received(chunk)) controller.pause()
  }

  onResponseEnd(_controller: RequestControl, trailers: UpstreamHeaders): void {
    this.#release()
    if (this.#over) return
    this.#over = true
    this.#owner.finished(trailers)
  }

  onResponseError(_controller: RequestControl | null, error: Error): void {
    const { connected } = this
    this.#release()
    if (this.#over) return
    this.#over = true
    const fault = upstreamFault(error, connected)
    this.#report(fault.outcome, null)
    this.#owner.broke(fault)
  }

  /** What has come cannot be used, so nothing that follows may pass for the next try's. */
  #refuse(): void {
    this.giveUp('fault')
    this.#owner.broke(invalidAnswer)
  }

  /** Reads what is left of a small response, since to break it off would cost the connection. */
  #drop(headers: UpstreamHeaders): void {
    this.#over = true
    const controller = this.#controller
    if (this.#asked !== null && (knownLength(headers) ?? 0) <= maxDropped)
      this.#dropTimer = setTimeout(() => controller?.abort(gone), dropTime).unref()
    else controller?.abort(gone)
  }

  /** @param took - milliseconds from the end of the request to the head of the answer; null = not known */
  #report(outcome: CallOutcome, took: number | null): void {
    if (this.#reported) return
    this.#reported = true
    this.#call?.report(outcome, took)
    this.#target.ended(outcome, took, this.status)
  }

  /** The connection is done with the request. */
  #release(): void {
    this.#controller = null
    if (this.#released) return
    this.#released = true
    if (this.#dropTimer !== null) clearTimeout(this.#dropTimer)
    this.#target.inFlight--
    this.#place?.release()
    this.#owner.released()
  }
}

/** 501 and 505 answer a question of the request; every other 5xx says that the upstream is in trouble. */
const isFault = (status: number): boolean => status >= 500 && status !== 501 && status !== 505
