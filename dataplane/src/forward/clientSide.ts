import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RefusalCode } from '../gateway/refusal.ts'

/** A client's request as its protocol carries it, with headers as HTTP/1.1 would have them. */
export interface ClientRequest {
  readonly method?: string | undefined
  /** The request-target of HTTP/1.1. */
  readonly url?: string | undefined
  readonly httpVersion: string
  /** Name, value, name, value … */
  readonly rawHeaders: readonly string[]
  /** Those that say whether a body follows, how long it is, and what the client waits for. */
  readonly headers: Pick<IncomingHttpHeaders, 'content-length' | 'transfer-encoding' | 'expect' | 'upgrade'>
  /** Whether all of it has come, read or not. */
  readonly complete: boolean
  readonly readableEnded: boolean
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  /** `end` only when the body is whole. */
  on(event: 'end' | 'close', listener: () => void): unknown
  off(event: 'data', listener: (chunk: Buffer) => void): unknown
  off(event: 'end' | 'close', listener: () => void): unknown
  pause(): unknown
  resume(): unknown
}

/** The way back to a client, as its protocol carries it. */
export interface ClientResponse {
  readonly statusCode: number
  readonly headersSent: boolean
  readonly destroyed: boolean
  readonly writableNeedDrain: boolean
  /** Whether everything was written and has left. */
  readonly writableFinished: boolean
  /** Tells a client that waits for it to send its body. */
  goOn(): void
  /** Sends a 103. @param headers - name, value, name, value … */
  inform(headers: string[]): void
  /**
   * Answers 101 and leaves HTTP.
   *
   * @param headers - name, value, name, value …
   * @returns the connection as it is from then on; null where that is not possible
   */
  upgrade(headers: string[]): Duplex | null
  /** No request follows on its connection; nothing where requests share one. */
  makeLast(): void
  /** @param headers - name, value, name, value … */
  writeHead(status: number, headers: string[]): unknown
  write(chunk: Buffer): boolean
  addTrailers(trailers: [string, string][]): void
  end(last: string, encoding: 'latin1'): unknown
  /** Ends it although the client may still be sending. @param last - Latin-1: what is still to be written; empty = nothing */
  endEarly(last: string): void
  /** Ends it, and lets what is written out and nothing more: the rest of the request cannot be read. */
  quit(): void
  /** Breaks it off so that the client cannot take what it has for the whole. */
  reset(): void
  on(event: 'drain', listener: () => void): unknown
}

/** The client's side of an exchange. */
export interface ClientSide {
  readonly request: ClientRequest
  readonly response: ClientResponse
  /** Monotonic time at which the request's head was complete. */
  readonly arrived: number
  /** Tells a client that waits for it to send its body; nothing the second time. */
  goOn(): void
  /**
   * Called at most once, and only while nothing of a final response has been written.
   *
   * @param retryAfter - seconds; null = none
   */
  failed(code: RefusalCode, retryAfter: number | null): void
}
