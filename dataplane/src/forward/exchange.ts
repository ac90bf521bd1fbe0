import type { Duplex, Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { PermitContent } from '../gateway/gateway.ts'
import type { HeaderEdit } from '../gateway/headerEdit.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { acceptOf } from '../policy/webSocket.ts'
import { pushAnswerHeaders } from '../gateway/answerRules.ts'
import type { UpstreamOutcome } from '../telemetry/record.ts'
import { Attempt, type AttemptOwner, type AttemptTarget, type Reception } from './attempt.ts'
import type { ClientSide } from './clientSide.ts'
import { Deadlines, type Expiry, type Timekeeping } from './deadlines.ts'
import { grpcTimeout } from './grpcTimeout.ts'
import { pushRateLimit } from './rateLimit.ts'
import { knownLength, responseHeaders, responseTrailers, type UpstreamHeaders } from './responseHeaders.ts'
import type { NamespaceLoad } from '../state/namespaceLoads.ts'
import type { Place } from '../state/places.ts'
import type { BodyBuffers } from '../state/bodyBuffers.ts'
import type { PooledAddress } from '../state/pools.ts'
import type { Retrying } from './retrying.ts'
import { Tunnel } from './tunnel.ts'
import type { Upload } from './upload.ts'
import { lostConnection, type UpstreamFault } from './upstreamFault.ts'

/** The upstream's side of an exchange. */
export interface UpstreamSide {
  readonly name: string
  /** What the exchange counts in: as one request, and as more while tries before the newest still hold connections. */
  readonly load: NamespaceLoad
  /** The body as it is; null = there is none, or it is uploaded. */
  readonly whole: Buffer | null
  /** The body as it comes; null = there is none, or it is whole. */
  readonly upload: Upload | null
  /** null = there is one try. */
  readonly retrying: Retrying | null
  /** What changes of the answer's headers; null = nothing. */
  readonly edit: HeaderEdit | null
  /** The namespace of the backend. */
  readonly owner: string
}

/** What an exchange goes by beside its two sides. */
export interface ExchangeTools extends Timekeeping {
  readonly buffers: BodyBuffers
}

const maxInOnePiece = 2 * 1024

/**
 * One request and the one response that its client gets, from the last of its {@link Attempt}s. It owns the request's
 * body on its way to the upstream, its retries and the timer, and gives each back exactly once.
 */
export class Exchange implements AttemptOwner {
  /** Set when the upstream or the client failed to hold up its end, also after the head was written. */
  fault: RefusalCode | null = null
  readonly #client: ClientSide
  readonly #upstream: UpstreamSide
  readonly #content: PermitContent
  readonly #clock: Clock
  readonly #buffers: BodyBuffers
  readonly #deadlines: Deadlines
  /** The newest try; null = none has begun. */
  #attempt: Attempt | null = null
  /** What the next try waits for; null = nothing. */
  #place: Place | null = null
  /** Tries whose connections are not done with them. */
  #open = 0
  /** Why the last try that came to nothing did. */
  #failure: UpstreamFault['failure'] = null
  /** How often it counts in its namespace's load. */
  #counted = 1
  #ended = false
  #began = false
  /** Whether the client has heard anything of a response. */
  #told = false
  #drains = false
  /** Of the response's content, when the upstream says it beforehand. */
  #length: number | null = null
  #whole = ''
  #tunnel: Tunnel | null = null

  constructor(client: ClientSide, upstream: UpstreamSide, content: PermitContent, tools: ExchangeTools) {
    this.#client = client
    this.#upstream = upstream
    this.#content = content
    this.#clock = tools.clock
    this.#buffers = tools.buffers
    upstream.load.requests++
    const { timeouts } = content.plan.action
    this.#deadlines = new Deadlines(tools, timeouts, client.arrived, (limit) => this.#expire(limit))
    const call = grpcTimeout(content.facts.headers)
    if (call !== Infinity) this.#deadlines.endBy(client.arrived + call)
  }

  /** Where the newest try went; null = nowhere yet. */
  get last(): PooledAddress | null {
    return this.#attempt?.target ?? null
  }

  /** Tries so far, with the one that is waited for. */
  get tries(): number {
    return this.#upstream.retrying?.tries ?? 1
  }

  /** The body for the newest try. */
  body(): Buffer | Readable | null {
    return this.#upstream.upload?.open() ?? this.#upstream.whole
  }

  /** Whether the namespace has room for one more try. What it takes up is counted from then on. */
  mayBegin(): boolean {
    if (this.#open < this.#counted) return true
    const { load } = this.#upstream
    if (load.full) return false
    load.requests++
    this.#counted++
    return true
  }

  /** Begins the next try. @returns what its connection tells of it */
  begin(target: AttemptTarget): Attempt {
    const now = this.#clock.monotonic()
    const uploads = this.#upstream.upload !== null
    this.#place = null
    this.#open++
    this.#attempt = new Attempt(this, target, this.#clock, { now, uploads })
    this.#deadlines.tryBegan(uploads, now)
    return this.#attempt
  }

  /** Waits until a try may begin. @param next - begins it */
  wait(place: Place, next: () => void): void {
    this.#place = place
    place.wait(next)
    this.#deadlines.rest(this.#clock.monotonic())
  }

  /** Whether the answer has begun and does not say how long it is. */
  get streams(): boolean {
    return this.#began && this.#length === null && this.#client.request.method !== 'HEAD'
  }

  outcome(): UpstreamOutcome {
    const upstream = this.#upstream.name
    const attempt = this.#attempt
    if (attempt === null) return { upstream, address: null, status: null, headTime: null, tries: 0, failure: null }
    const { address, status, headTime } = attempt
    return { upstream, address, status, headTime, tries: this.tries, failure: this.#failure }
  }

  /** The client went away: the upstream is let go at once. Harmless once the exchange has ended. */
  close(): void {
    this.#end()
  }

  /**
   * Ends the exchange for a reason of the gateway's own.
   *
   * @param retryAfter - seconds; null = none
   */
  fail(code: RefusalCode, retryAfter: number | null = null): void {
    if (this.#ended) return
    this.fault = code
    this.#end()
    if (this.#began) this.#client.response.reset()
    else this.#client.failed(code, retryAfter)
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
    const out = this.#passed(status, headers)
    if (out === null) return
    this.#told = true
    this.#client.response.inform(out)
  }

  answered(status: number, headers: UpstreamHeaders, now: number): Reception {
    const { retrying, upload } = this.#upstream
    if (retrying?.dislikes(status) && this.#triesAgain(false)) return 'unwanted'
    const { answer, facts, quotas, weights } = this.#content
    weights?.charge(this.#upstream.owner, headers)
    const out = this.#passed(status, headers)
    if (out === null) return 'unframed'
    retrying?.settled(status)
    upload?.settle()
    const { request, response } = this.#client
    out.push('x-request-id', facts.id)
    pushRateLimit(out, quotas)
    if (answer !== null) pushAnswerHeaders(out, answer, facts)
    if (!request.complete) response.makeLast()
    response.writeHead(status, out)
    this.#began = true
    this.#length = knownLength(headers)
    this.#deadlines.responseBegan(this.streams, now)
    return 'taken'
  }

  upgraded(headers: UpstreamHeaders, upstream: Duplex, now: number): boolean {
    const { facts } = this.#content
    const [webSocketKey = ''] = facts.headers.get('sec-websocket-key') ?? []
    const isWebSocket = String(headers['upgrade']).toLowerCase() === 'websocket'
    const out = this.#passed(101, headers)
    this.#content.weights?.charge(this.#upstream.owner, headers)
    if (!isWebSocket || headers['sec-websocket-accept'] !== acceptOf(webSocketKey) || out === null) return false
    out.push('connection', 'Upgrade', 'upgrade', 'websocket', 'x-request-id', facts.id)
    const client = this.#client.response.upgrade(out)
    if (client === null) return false
    this.#upstream.retrying?.settled(101)
    this.#began = true
    this.#deadlines.responseBegan(true, now)
    this.#tunnel = new Tunnel(client, upstream, {
      moved: (bytes) => {
        this.#buffers.came(bytes)
        this.#deadlines.touch()
      },
      ended: (side) => (side === 'client' ? this.#tunnel?.endUpstream() : this.#leave()),
      broke: () => this.broke(lostConnection),
    })
    return true
  }

  received(chunk: Buffer): boolean {
    // A small answer that is already whole leaves in one piece with its head.
    if (chunk.length === this.#length && chunk.length <= maxInOnePiece) {
      this.#whole = chunk.toString('latin1')
      return true
    }
    this.#buffers.came(chunk.length)
    this.#deadlines.touch()
    if (this.#client.response.write(chunk)) return true
    if (this.#drains) return false
    this.#drains = true
    this.#client.response.on('drain', () => {
      this.#deadlines.touch()
      this.#attempt?.resume()
    })
    return false
  }

  finished(trailers: UpstreamHeaders): void {
    const { response } = this.#client
    if (!isEmpty(trailers)) response.addTrailers(responseTrailers(trailers, this.#upstream.edit))
    this.#end()
    response.endEarly(this.#whole)
  }

  released(): void {
    this.#open--
    this.#discount()
  }

  broke({ code, unsent, failure }: UpstreamFault): void {
    if (this.#ended) return
    this.#failure = failure
    if (this.#began || code === 'bad-request' || !this.#triesAgain(unsent)) this.fail(code)
  }

  /** The upstream has ended a connection that has left HTTP. */
  #leave(): void {
    if (this.#ended) return
    this.#end()
    this.#client.response.end('', 'latin1')
  }

  /** What goes on of the upstream's headers; null when their framing cannot. */
  #passed(status: number, headers: UpstreamHeaders): string[] | null {
    return responseHeaders(status, headers, this.#content.answer?.cors != null, this.#upstream.edit)
  }

  /** @returns whether there is another try, which then begins after a while */
  #triesAgain(unsent: boolean): boolean {
    const { retrying, upload } = this.#upstream
    if (retrying === null || this.#told) return false
    const now = this.#clock.monotonic()
    const left = this.#deadlines.left(now)
    if (!retrying.again({ unsent, replayable: upload?.replayable ?? true, left })) return false
    upload?.stop()
    this.#deadlines.rest(now)
    return true
  }

  #expire(limit: Expiry): void {
    const { request, response } = this.#client
    const { upload } = this.#upstream
    if (this.#began && (this.#tunnel?.clientIsFull ?? response.writableNeedDrain)) {
      // The client does not read: that is no fault of the upstream.
      this.#end()
      response.reset()
      return
    }
    // A request that is incomplete although the upstream has taken all there is waits for the client.
    const starved = this.#attempt?.connected === true && upload?.drained === true && !request.complete
    const clientIsLate = starved && !this.#began
    if (this.#attempt?.connecting === true) this.#failure = 'timeout'
    // How long a caller waits is its own choice: it must not be able to choose what is held against the upstream.
    this.#attempt?.giveUp(clientIsLate || limit === 'call' ? 'neutral' : 'fault')
    if (limit === 'try' && !clientIsLate && !this.#began && this.#triesAgain(false)) return
    this.fail(clientIsLate ? 'request-timeout' : 'upstream-timeout')
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#deadlines.close()
    this.#upstream.retrying?.close()
    this.#attempt?.giveUp('neutral')
    this.#place?.release()
    this.#upstream.upload?.close()
    this.#tunnel?.close()
    this.#discount()
  }

  /** Counts for no more than it still holds. */
  #discount(): void {
    const held = Math.max(this.#open, this.#ended ? 0 : 1)
    this.#upstream.load.requests -= this.#counted - held
    this.#counted = held
  }
}

const isEmpty = (trailers: UpstreamHeaders): boolean => Object.keys(trailers).length === 0
