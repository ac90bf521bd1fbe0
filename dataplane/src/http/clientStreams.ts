import { constants } from 'node:http2'
import { frameFlags, frameTypes, type Frame } from './http2Frame.ts'

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_STREAM_CLOSED } = constants

/** Streams that are remembered once they are over: so many that a client which errs is told how. */
const maxRemembered = 256
/** Streams on which a client may still send; far more than run at once. */
const maxSending = 1_000

/**
 * Which streams a client may still send on (RFC 9113 5.1). The HTTP/2 library of Node forgets a stream that is over and
 * ignores what comes for it. All are in plain lists: they are short, and a set makes a new table with every few streams.
 */
export class ClientStreams {
  #highest = 0
  /** Opened and not ended by the client. */
  readonly #sending: number[] = []
  /** Over for the gateway; what was on its way may still come. */
  readonly #left = new LastStreams()
  /** Ended by the client. */
  readonly #closed = new LastStreams()

  /** The gateway is done with a stream. */
  leave(stream: number): void {
    if (this.#endSending(stream)) this.#left.add(stream)
  }

  /** Whether a frame begins a request. */
  opens({ type, stream }: Frame): boolean {
    return type === frameTypes.headers && stream > this.#highest
  }

  /** @returns an error code of HTTP/2 when the connection has to end; null = the frame is in order, as far as is known here */
  take(frame: Frame): number | null {
    const { type, flags, stream } = frame
    if (type === frameTypes.rstStream) {
      this.#close(stream)
      return null
    }
    if (type !== frameTypes.data && type !== frameTypes.headers) return null
    if (this.opens(frame)) {
      this.#highest = stream
      if (this.#sending.push(stream) > maxSending) return NGHTTP2_ENHANCE_YOUR_CALM
    } else if (stream <= this.#highest && !this.#sending.includes(stream) && !this.#left.has(stream)) {
      return this.#closed.has(stream) || type === frameTypes.data ? NGHTTP2_STREAM_CLOSED : NGHTTP2_PROTOCOL_ERROR
    }
    if ((flags & frameFlags.endStream) !== 0) this.#close(stream)
    return null
  }

  #close(stream: number): void {
    if (this.#endSending(stream) || this.#left.delete(stream)) this.#closed.add(stream)
  }

  /** @returns whether it was sending */
  #endSending(stream: number): boolean {
    const at = this.#sending.lastIndexOf(stream)
    if (at === -1) return false
    const last = this.#sending.pop()
    if (last !== undefined && last !== stream) this.#sending[at] = last
    return true
  }
}

/** The last of many streams. */
class LastStreams {
  /** 0 stands where one was deleted, and is no stream of a client's. */
  readonly #streams: number[] = []
  #next = 0

  has(stream: number): boolean {
    return this.#placeOf(stream) !== -1
  }

  add(stream: number): void {
    this.#streams[this.#next] = stream
    this.#next = (this.#next + 1) % maxRemembered
  }

  /** @returns whether it was among them */
  delete(stream: number): boolean {
    const at = this.#placeOf(stream)
    if (at !== -1) this.#streams[at] = 0
    return at !== -1
  }

  #placeOf(stream: number): number {
    return stream === 0 ? -1 : this.#streams.indexOf(stream)
  }
}
