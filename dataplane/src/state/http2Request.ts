import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { letGo } from '../endedStream.ts'
import type { RequestControl, ResponseFields, ResponseHandler, UpstreamRequest } from './connections.ts'

/** A request that waits for a connection, or was given back by one that had not looked at it. */
export interface Waiting {
  readonly request: UpstreamRequest
  readonly handler: ResponseHandler
  /** How often an upstream gave it back. */
  refused: number
}

/** How a stream ended for its connection. */
export type StreamEnd =
  | 'done'
  /** The upstream says that it has not looked at the request, which may go to another connection (RFC 9113 8.7). */
  | 'refused'
  /** Nobody waits for the answer any longer, and not one byte of it has come. */
  | 'abandoned'

/** Most interim responses: each is passed on, however slowly a client reads. */
const maxInterim = 32

const endStream = constants.NGHTTP2_FLAG_END_STREAM

/** The connection of a stream. */
export interface StreamOwner {
  /** The upstream has said something. */
  heard(): void
  /** Called once. */
  ended(end: StreamEnd): void
}

/**
 * One request on one stream. What Node leaves to be noticed: a stream that the other end resets without an error, or
 * after its last byte, looks as if it had ended, so the end is believed only where it was seen (RFC 9113 8.1).
 */
export class Http2Request implements RequestControl {
  readonly #stream: ClientHttp2Stream
  readonly #waiting: Waiting
  readonly #owner: StreamOwner
  /** Whether END_STREAM has come. */
  #whole = false
  #over = false
  #began = false
  /** Responses below 200 so far. */
  #interim = 0
  #trailers: ResponseFields = {}

  /** @throws what the handler's `onRequestStart` throws, and what is wrong with the request, before anything is sent */
  constructor(session: ClientHttp2Session, scheme: 'http' | 'https', waiting: Waiting, owner: StreamOwner) {
    const { request, handler } = waiting
    this.#waiting = waiting
    this.#owner = owner
    handler.onRequestStart(this)
    this.#stream = session.request(headersOf(request, scheme), { endStream: request.body === null })
    this.#listen()
    this.#send()
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  abort(reason: Error): void {
    this.#fail(reason, this.#began ? 'done' : 'abandoned')
  }

  #listen(): void {
    const stream = this.#stream
    const { handler } = this.#waiting
    const push = stream.push.bind(stream)
    stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      // A stream is closed before Node makes up the end of one that was cut off.
      if (chunk === null && !stream.closed) this.#whole = true
      return push(chunk, encoding)
    }
    stream.on('headers', (headers) => this.#inform(headers))
    stream.on('response', (headers, flags) => this.#respond(headers, flags))
    stream.on('trailers', (trailers) => {
      this.#trailers = fieldsOf(trailers)
      this.#seenWhole()
    })
    stream.on('data', (chunk: Buffer) => {
      this.#owner.heard()
      if (this.#over) return
      if (this.#began) handler.onResponseData(this, chunk)
      else this.#fail(malformed())
    })
    stream.on('end', () => {
      if (this.#whole && this.#began) this.#finish()
      else this.#fail(cutOff(stream.rstCode))
    })
    stream.on('error', (error) =>
      this.#fail(stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? cutOff(stream.rstCode) : error),
    )
    stream.on('close', () => {
      this.#fail(cutOff(stream.rstCode))
      stream.push = push
      letGo(stream)
    })
  }

  #inform(headers: IncomingHttpHeaders): void {
    this.#owner.heard()
    const status = Number(headers[':status'])
    if (this.#over) return
    if (this.#began || ++this.#interim > maxInterim || !(status >= 100 && status < 200)) this.#fail(malformed())
    else this.#say(status, fieldsOf(headers))
  }

  /** @returns false when it could not be said on: then it is no valid response, and costs this request alone */
  #say(status: number, fields: ResponseFields): boolean {
    try {
      this.#waiting.handler.onResponseStart(this, status, fields)
      return true
    } catch {
      this.#fail(malformed())
      return false
    }
  }

  #respond(headers: IncomingHttpHeaders, flags: number): void {
    if (this.#over) return
    this.#owner.heard()
    const status = Number(headers[':status'])
    // Node takes an interim status for a response where nothing follows it, and one below 100 always.
    if (this.#began || !(status >= 200)) {
      this.#fail(malformed())
      return
    }
    this.#began = true
    const fields = fieldsOf(headers)
    const isWhole = (flags & endStream) !== 0
    if (isWhole) this.#trailers = trailersAmong(fields)
    if (this.#say(status, fields) && isWhole) this.#seenWhole()
  }

  /** Node tells of an end that comes with a header section only when the request has ended too. */
  #seenWhole(): void {
    this.#whole = true
    if (!this.#over) this.#stream.push(null)
  }

  #send(): void {
    const { request, handler } = this.#waiting
    const { body } = request
    if (body === null) {
      handler.onRequestSent()
    } else if (Buffer.isBuffer(body)) {
      this.#stream.end(body)
      handler.onRequestSent()
    } else {
      body.on('data', () => handler.onBodySent())
      body.on('end', () => handler.onRequestSent())
      body.on('error', (error) => this.#fail(error))
      body.pipe(this.#stream)
    }
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#waiting.handler.onResponseEnd(this, this.#trailers)
    // The answer is complete although the request is not: nobody reads the rest of it.
    if (!this.#stream.writableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR)
    this.#owner.ended('done')
  }

  #fail(error: Error, end: StreamEnd = 'done'): void {
    if (this.#over) return
    this.#over = true
    const stream = this.#stream
    const untouched = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && !this.#began
    if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL)
    if (untouched && isRepeatable(this.#waiting.request)) {
      this.#owner.ended('refused')
      return
    }
    this.#waiting.handler.onResponseError(this, error)
    this.#owner.ended(end)
  }
}

/** What an answer of gRPC that is nothing but trailers says in its head; over another connection it may have a body. */
const grpcTrailers = ['grpc-status', 'grpc-message', 'grpc-status-details-bin']

function trailersAmong(fields: ResponseFields): ResponseFields {
  const trailers: ResponseFields = {}
  if (fields['grpc-status'] === undefined) return trailers
  for (const name of grpcTrailers) {
    if (fields[name] === undefined) continue
    trailers[name] = fields[name]
    fields[name] = undefined
  }
  return trailers
}

/** Whether a request can be sent again: nothing of a body has been read for good. */
const isRepeatable = ({ body }: UpstreamRequest): boolean => body === null || Buffer.isBuffer(body)

const malformed = (): Error => Object.assign(new Error('the response is malformed'), { code: 'ERR_HTTP2_STREAM_ERROR' })

const cutOff = (code: number | undefined): Error =>
  Object.assign(new Error('the stream was cut off'), { code: 'ERR_HTTP2_STREAM_ERROR', http2ErrorCode: code ?? 0 })

/** RFC 9113 8.3.1: names in lower case, Host as `:authority`. */
function headersOf({ method, path, headers }: UpstreamRequest, scheme: string): string[] {
  const out = [':method', method, ':scheme', scheme, ':path', path]
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase()
    out.push(name === 'host' ? ':authority' : name, headers[at + 1]!)
  }
  return out
}

function fieldsOf(headers: IncomingHttpHeaders): ResponseFields {
  const fields: ResponseFields = {}
  for (const name in headers) if (!name.startsWith(':')) fields[name] = headers[name]
  return fields
}
