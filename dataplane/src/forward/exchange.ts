import type { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { PermitContent } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { pushAnswerHeaders } from '../gateway/answerRules.ts'
import type { UpstreamOutcome } from '../telemetry/record.ts'
import { Attempt, type AttemptOwner, type AttemptTarget } from './attempt.ts'
import type { ClientSide } from './clientSide.ts'
import { Deadlines } from './deadlines.ts'
import { pushRateLimit } from './rateLimit.ts'
import { knownLength, responseHeaders, responseTrailers, type UpstreamHeaders } from './responseHeaders.ts'

/** The upstream's side of an exchange. */
export interface UpstreamSide extends AttemptTarget {
  readonly name: string
  readonly body: Readable | null
}

const maxInOnePiece = 2 * 1024

/**
 * One request and the one response that its client gets, from an {@link Attempt}. It owns the request's body on its way
 * to the upstream and the timer, and gives each back exactly once.
 */
export class Exchange implements AttemptOwner {
  /** Set when the upstream or the client failed to hold up its end, also after the head was written. */
  fault: RefusalCode | null = null
  /** What undici is to tell of the request. */
  readonly attempt: Attempt
  readonly #client: ClientSide
  readonly #upstream: UpstreamSide
  readonly #content: PermitContent
  readonly #deadlines: Deadlines
  #ended = false
  #began = false
  #drains = false
  /** Of the response's content, when the upstream says it beforehand. */
  #length: number | null = null
  #whole = ''

  constructor(client: ClientSide, upstream: UpstreamSide, content: PermitContent, clock: Clock) {
    const now = clock.monotonic()
    this.#client = client
    this.#upstream = upstream
    this.#content = content
    this.attempt = new Attempt(this, upstream, clock, now)
    const start = { arrived: client.arrived, now, uploading: upstream.body !== null }
    this.#deadlines = new Deadlines(clock, content.plan.action.timeouts, start, () => this.#expire())
  }

  /** Whether the answer has begun and does not say how long it is. */
  get streams(): boolean {
    return this.#began && this.#length === null && this.#client.request.method !== 'HEAD'
  }

  outcome(): UpstreamOutcome {
    const { address, status, headTime } = this.attempt
    return { upstream: this.#upstream.name, address, status, headTime }
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

  started(): void {
    this.#client.goOn()
  }

  moved(): void {
    this.#deadlines.touch()
  }

  sent(): void {
    this.#deadlines.requestSent()
  }

  informed(status: number, headers: UpstreamHeaders): void {
    if (status !== 103) return
    const out = responseHeaders(status, headers, this.#content.answer?.cors != null)
    if (out !== null) this.#client.response.inform(out)
  }

  answered(status: number, headers: UpstreamHeaders, now: number): boolean {
    const { answer, facts, quota } = this.#content
    const out = responseHeaders(status, headers, answer?.cors != null)
    if (out === null) return false
    const { request, response } = this.#client
    out.push('x-request-id', facts.id)
    if (quota !== null) pushRateLimit(out, quota)
    if (answer !== null) pushAnswerHeaders(out, answer, facts)
    if (!request.complete) response.makeLast()
    response.writeHead(status, out)
    this.#began = true
    this.#length = knownLength(headers)
    this.#deadlines.responseBegan(this.streams, now)
    return true
  }

  received(chunk: Buffer): boolean {
    // A small answer that is already whole leaves in one piece with its head.
    if (chunk.length === this.#length && chunk.length <= maxInOnePiece) {
      this.#whole = chunk.toString('latin1')
      return true
    }
    this.#deadlines.touch()
    if (this.#client.response.write(chunk)) return true
    if (this.#drains) return false
    this.#drains = true
    this.#client.response.on('drain', () => {
      this.#deadlines.touch()
      this.attempt.resume()
    })
    return false
  }

  finished(trailers: UpstreamHeaders): void {
    const { response } = this.#client
    if (!isEmpty(trailers)) response.addTrailers(responseTrailers(trailers))
    this.#end()
    response.endEarly(this.#whole)
  }

  broke(code: RefusalCode): void {
    this.fail(code)
  }

  #expire(): void {
    const { request, response } = this.#client
    const { body } = this.#upstream
    if (this.#began && response.writableNeedDrain) {
      // The client does not read: that is no fault of the upstream.
      this.#end()
      response.reset()
      return
    }
    // A request that is incomplete although the upstream has taken all there is waits for the client.
    const starved = this.attempt.connected && body !== null && body.readableLength === 0 && !request.complete
    const clientIsLate = starved && !this.#began
    this.attempt.giveUp(clientIsLate ? 'neutral' : 'fault')
    this.fail(clientIsLate ? 'request-timeout' : 'upstream-timeout')
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#deadlines.close()
    this.attempt.giveUp('neutral')
    this.#upstream.body?.destroy()
  }
}

const isEmpty = (trailers: UpstreamHeaders): boolean => Object.keys(trailers).length === 0
