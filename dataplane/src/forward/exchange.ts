import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../clock.ts'
import type { PermitContent } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { pushAnswerHeaders } from '../gateway/answerRules.ts'
import type { BreakerCall } from '../state/breakers.ts'
import type { PooledAddress } from '../state/pools.ts'
import type { UpstreamOutcome } from '../telemetry/record.ts'
import type { ClientSide } from './clientSide.ts'
import { Deadlines } from './deadlines.ts'
import { pushRateLimit } from './rateLimit.ts'
import { knownLength, responseHeaders, responseTrailers, type UpstreamHeaders } from './responseHeaders.ts'
import { upstreamFault } from './upstreamFault.ts'

/** The upstream's side of an exchange. */
export interface UpstreamSide {
  readonly name: string
  readonly target: PooledAddress
  readonly call: BreakerCall | null
  readonly body: Readable | null
}

const maxInOnePiece = 2 * 1024

/** Why the gateway itself ended an exchange; never leaves this process. */
const gone = new Error('the exchange has ended')

/**
 * One request on its way through an upstream connection: undici's events in, the client's response out. It owns its
 * place in the pool, its call to the breaker and its timer, and gives each back exactly once.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Set when the upstream or the client failed to hold up its end, also after the head was written. */
  fault: RefusalCode | null = null
  readonly #client: ClientSide
  readonly #upstream: UpstreamSide
  readonly #content: PermitContent
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #dispatched: number
  #controller: Dispatcher.DispatchController | null = null
  #ended = false
  #released = false
  #began = false
  #drains = false
  /** Of the response's content, when the upstream says it beforehand. */
  #length: number | null = null
  #whole = ''
  #status: number | null = null
  #headTime: number | null = null

  constructor(client: ClientSide, upstream: UpstreamSide, content: PermitContent, clock: Clock) {
    this.#client = client
    this.#upstream = upstream
    this.#content = content
    this.#clock = clock
    this.#dispatched = clock.monotonic()
    upstream.target.inFlight++
    const start = { arrived: client.arrived, now: this.#dispatched, uploading: upstream.body !== null }
    this.#deadlines = new Deadlines(clock, content.plan.action.timeouts, start, () => this.#expire())
  }

  /** Whether the answer has begun and does not say how long it is. */
  get streams(): boolean {
    return this.#began && this.#length === null && this.#client.request.method !== 'HEAD'
  }

  outcome(): UpstreamOutcome {
    return {
      upstream: this.#upstream.name,
      address: this.#upstream.target.address,
      status: this.#status,
      headTime: this.#headTime,
    }
  }

  /** The client went away: the upstream is let go at once. Harmless once the exchange has ended. */
  close(): void {
    this.#end()
  }

  /** Ends the exchange for a reason of the gateway's own. */
  fail(code: RefusalCode): void {
    if (this.#ended) return
    this.fault = code
    this.#end()
    if (this.#began) this.#client.response.reset()
    else this.#client.failed(code)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing takes the request off the connection; an abort would cost the connection.
    if (this.#ended) throw gone
    this.#controller = controller
    this.#client.goOn()
  }

  onBodySent(): void {
    this.#deadlines.touch()
  }

  onRequestSent(): void {
    this.#deadlines.requestSent()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders): void {
    if (this.#ended) return
    if (status < 200) {
      this.#inform(status, headers)
      return
    }
    const { answer, facts, quota } = this.#content
    const out = responseHeaders(status, headers, answer?.cors != null)
    if (out === null) {
      this.#upstream.call?.report('fault')
      this.fail('upstream-protocol')
      return
    }
    const now = this.#clock.monotonic()
    this.#status = status
    this.#headTime = now - this.#dispatched
    this.#upstream.call?.report(isFault(status) ? 'fault' : 'success')
    const { request, response } = this.#client
    out.push('x-request-id', facts.id)
    if (quota !== null) pushRateLimit(out, quota)
    if (answer !== null) pushAnswerHeaders(out, answer, facts)
    if (!request.complete) response.makeLast()
    response.writeHead(status, out)
    this.#began = true
    this.#length = knownLength(headers)
    this.#deadlines.responseBegan(this.streams, now)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return
    // A small answer that is already whole leaves in one piece with its head.
    if (chunk.length === this.#length && chunk.length <= maxInOnePiece) {
      this.#whole = chunk.toString('latin1')
      return
    }
    this.#deadlines.touch()
    if (this.#client.response.write(chunk)) return
    controller.pause()
    if (this.#drains) return
    this.#drains = true
    this.#client.response.on('drain', () => {
      this.#deadlines.touch()
      controller.resume()
    })
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: UpstreamHeaders): void {
    this.#release()
    if (this.#ended) return
    const { response } = this.#client
    if (!isEmpty(trailers)) response.addTrailers(responseTrailers(trailers))
    this.#end()
    response.endEarly(this.#whole)
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const started = this.#controller !== null
    this.#release()
    if (this.#ended) return
    const { code, outcome } = upstreamFault(error, started)
    this.#upstream.call?.report(outcome)
    this.fail(code)
  }

  /** undici is done with the request. */
  #release(): void {
    this.#controller = null
    if (this.#released) return
    this.#released = true
    this.#upstream.target.inFlight--
  }

  #inform(status: number, headers: UpstreamHeaders): void {
    if (status !== 103) return
    const out = responseHeaders(status, headers, this.#content.answer?.cors != null)
    if (out !== null) this.#client.response.inform(out)
  }

  #expire(): void {
    const { request, response } = this.#client
    const { body, call } = this.#upstream
    if (this.#began && response.writableNeedDrain) {
      // The client does not read: that is no fault of the upstream.
      this.#end()
      response.reset()
      return
    }
    // A request that is incomplete although the upstream has taken all there is waits for the client.
    const starved = this.#controller !== null && body !== null && body.readableLength === 0 && !request.complete
    const clientIsLate = starved && !this.#began
    call?.report(clientIsLate ? 'neutral' : 'fault')
    this.fail(clientIsLate ? 'request-timeout' : 'upstream-timeout')
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#deadlines.close()
    this.#upstream.call?.report('neutral')
    this.#controller?.abort(gone)
    this.#upstream.body?.destroy()
  }
}

const isEmpty = (trailers: UpstreamHeaders): boolean => Object.keys(trailers).length === 0

/** 501 and 505 answer a question of the request; every other 5xx says that the upstream is in trouble. */
const isFault = (status: number): boolean => status >= 500 && status !== 501 && status !== 505
