import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ClientResponse } from '../forward/clientSide.ts'
import { headersByName } from './headersByName.ts'
import type { Written } from './connection.ts'
import type { Placed } from './placedList.ts'
import type { FrameBudget } from './frameBudget.ts'
import type { Http2Request } from './http2Request.ts'

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants

/** The way back to a client that speaks HTTP/2. */
export class Http2Response implements ClientResponse, Written, Placed {
  statusCode = 0
  place = -1
  /** Whether the gateway broke it off. */
  broken = false
  readonly #stream: ServerHttp2Stream
  readonly #request: Http2Request
  readonly #budget: FrameBudget
  /** The head was all of it. */
  #bodiless = false
  #ended = false
  #trailers: [string, string][] | null = null
  #closesEarly = false
  /** The client was told to send no more. */
  #brokeRequest = false
  /** Its stream is over, and ended by itself if there was no error. */
  #left = false

  /** @param budget - told of every piece that leaves */
  constructor(stream: ServerHttp2Stream, request: Http2Request, budget: FrameBudget) {
    this.#stream = stream
    this.#request = request
    this.#budget = budget
  }

  get headersSent(): boolean {
    return this.#stream.headersSent
  }

  get destroyed(): boolean {
    return this.#stream.destroyed
  }

  get writableNeedDrain(): boolean {
    return this.#stream.writableNeedDrain
  }

  get writableFinished(): boolean {
    return this.#ended && (this.#left || this.#stream.writableFinished) && this.#stream.rstCode === NGHTTP2_NO_ERROR
  }

  /** The exchange looks after a response only for as long as the upstream sends it. */
  get unread(): number | null {
    return this.#ended && !this.#stream.writableFinished ? this.#stream.bufferSize : null
  }

  /** Its stream is over. By itself one ends without an error with the last byte of both sides, which Node may tell of later. */
  leave(): void {
    this.#left = !this.#brokeRequest
  }

  goOn(): void {
    if (!this.#isOver) this.#stream.additionalHeaders({ ':status': 100 })
  }

  inform(headers: string[]): void {
    if (!this.#isOver) this.#stream.additionalHeaders({ ...headersByName(headers), ':status': 103 })
  }

  /** There is none in HTTP/2 (RFC 9113 8.6), and the CONNECT of RFC 8441 is not offered. */
  upgrade(): null {
    return null
  }

  makeLast(): void {}

  /** @throws when the headers cannot be said in HTTP/2 */
  writeHead(status: number, headers: string[]): void {
    if (this.#isOver) return
    this.statusCode = status
    this.#bodiless = this.#request.method === 'HEAD' || status === 204 || status === 205 || status === 304
    // A length says that nothing comes after the body, so that its last frame can be the end.
    const mayTrail = !this.#bodiless && !headers.includes('content-length')
    headers.unshift(':status', String(status))
    this.#stream.respond(headers, { waitForTrailers: mayTrail })
    if (mayTrail) this.#stream.on('wantTrailers', () => this.#trail())
  }

  write(chunk: Buffer): boolean {
    if (this.#bodiless || this.#isOver) return true
    this.#budget.carried()
    return this.#stream.write(chunk)
  }

  addTrailers(trailers: [string, string][]): void {
    this.#trailers = trailers
  }

  end(last: string, encoding: 'latin1'): void {
    this.#ended = true
    if (this.#bodiless || this.#isOver) return
    this.#budget.carried()
    if (last === '') this.#stream.end()
    else this.#stream.end(last, encoding)
  }

  /** The client is told to send no more of a request that has been answered (RFC 9113 8.1). */
  endEarly(last: string): void {
    this.end(last, 'latin1')
    if (this.#request.complete) return
    this.#brokeRequest = true
    if (this.#waitsForTrailers) this.#closesEarly = true
    else this.#stream.close(NGHTTP2_NO_ERROR)
  }

  quit(): void {
    this.endEarly('')
  }

  reset(): void {
    this.broken = true
    // Node ends what it resets, and would send that end first.
    this.#stream._final = (done) => done()
    this.#stream.close(NGHTTP2_INTERNAL_ERROR)
  }

  on(event: 'drain', listener: () => void): void {
    this.#stream.on(event, listener)
  }

  get #isOver(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  get #waitsForTrailers(): boolean {
    return !this.#bodiless && this.#stream.listenerCount('wantTrailers') > 0
  }

  /** Nobody else hears of what goes wrong here: trailers that HTTP/2 does not say must cost their own answer alone. */
  #trail(): void {
    try {
      this.#stream.sendTrailers(headersByName((this.#trailers ?? []).flat()))
    } catch {
      this.reset()
      return
    }
    // They leave with the next turn of the loop; what is done in the one after comes behind them.
    if (this.#closesEarly) setImmediate(() => setImmediate(() => this.#stream.close(NGHTTP2_NO_ERROR)))
  }
}
