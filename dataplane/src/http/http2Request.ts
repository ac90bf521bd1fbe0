import type { ServerHttp2Stream } from 'node:http2'
import type { ClientRequest } from '../forward/clientSide.ts'
import type { Http2Head } from './http2Head.ts'

/** A request on a stream of HTTP/2. */
export class Http2Request implements ClientRequest {
  readonly httpVersion = '2.0'
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly headers: ClientRequest['headers']
  readonly #stream: ServerHttp2Stream
  #ends: readonly (() => void)[] = []
  #ended: boolean

  constructor(stream: ServerHttp2Stream, head: Http2Head) {
    this.#stream = stream
    this.method = head.method
    this.url = head.target
    this.rawHeaders = head.rawHeaders
    this.headers = head.headers
    this.#ended = stream.endAfterHeaders
    if (!this.#ended) stream.on('end', () => this.#end())
  }

  get complete(): boolean {
    return this.#ended || this.#stream.state.remoteClose === 1
  }

  get readableEnded(): boolean {
    return this.#ended
  }

  on(event: 'data', listener: (chunk: Buffer) => void): void
  on(event: 'end' | 'close', listener: () => void): void
  on(event: 'data' | 'end' | 'close', listener: ((chunk: Buffer) => void) & (() => void)): void {
    if (event === 'end') this.#ends = [...this.#ends, listener]
    else this.#stream.on(event, listener)
  }

  off(event: 'data', listener: (chunk: Buffer) => void): void
  off(event: 'end' | 'close', listener: () => void): void
  off(event: 'data' | 'end' | 'close', listener: ((chunk: Buffer) => void) & (() => void)): void {
    if (event === 'end') this.#ends = this.#ends.filter((one) => one !== listener)
    else this.#stream.off(event, listener)
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** A stream that was reset ends too, but its body is not whole. */
  #end(): void {
    if (this.#stream.aborted) return
    this.#ended = true
    for (const listener of this.#ends) listener()
  }
}
