import { constants } from 'node:http2'
import { frameFlags, frameTypes, type Frame } from './http2Frame.ts'

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_STREAM_CLOSED } = constants

/** Streams that are remembered once they are over: so many that a client which errs is told how. */
const maxRemembered = 256
/** Streams on which a client may still send; far more than run at once. */
const maxSending = 1_000

/**
 * Which streams a client may still send on (RFC 9113 5.1). The HTTP/2 library of Node forgets a stream that is over and
 * ignores what comes for it.
 */
export class ClientStreams {
  #highest = 0
  /** Opened and not ended by the client. */
  readonly #sending = new Set<number>()
  /** Over for the gateway; what was on its way may still come. */
  readonly #left = new Set<number>()
  /** Ended by the client. */
  readonly #closed = new Set<number>()

  /** The gateway is done with a stream. */
  leave(stream: number): void {
    if (this.#sending.delete(stream)) remember(this.#left, stream)
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
      if (this.#sending.add(stream).size > maxSending) return NGHTTP2_ENHANCE_YOUR_CALM
    } else if (stream <= this.#highest && !this.#sending.has(stream) && !this.#left.has(stream)) {
      return this.#closed.has(stream) || type === frameTypes.data ? NGHTTP2_STREAM_CLOSED : NGHTTP2_PROTOCOL_ERROR
    }
    if ((flags & frameFlags.endStream) !== 0) this.#close(stream)
    return null
  }

  #close(stream: number): void {
    if (this.#sending.delete(stream) || this.#left.delete(stream)) remember(this.#closed, stream)
  }
}

function remember(streams: Set<number>, stream: number): void {
  streams.add(stream)
  if (streams.size <= maxRemembered) return
  for (const oldest of streams) {
    streams.delete(oldest)
    return
  }
}
