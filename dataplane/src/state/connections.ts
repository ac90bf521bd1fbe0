import type { Duplex, Readable } from 'node:stream'

/** A request for an upstream. */
export interface UpstreamRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** Name, value, name, value … with `host` and without what HTTP/1.1 frames a message with, but for `content-length`. */
  readonly headers: string[]
  readonly body: Readable | Buffer | null
  /** What the connection is to become; HTTP/2 refuses it. Absent or null = what it is. */
  readonly upgrade?: 'websocket' | null
}

/** Headers or trailers by lower-case name. */
export type ResponseFields = Record<string, string | string[] | undefined>

/** What a running request can be told. */
export interface RequestControl {
  pause(): void
  resume(): void
  /** Lets go of the request at once; {@link ResponseHandler.onResponseError} follows with the reason. */
  abort(reason: Error): void
}

/** Hears of one request: at most one start, any number of responses below 200, then one response, and one end or error. */
export interface ResponseHandler {
  /** A connection has been found. Throwing takes the request off it again. */
  onRequestStart(control: RequestControl): void
  onBodySent(): void
  onRequestSent(): void
  onResponseStart(control: RequestControl, status: number, headers: ResponseFields): void
  /** Instead of a response, where an upgrade was asked for: the upstream has left HTTP, and the connection is the handler's. */
  onRequestUpgrade?(control: RequestControl, status: number, headers: ResponseFields, connection: Duplex): void
  onResponseData(control: RequestControl, chunk: Buffer): void
  onResponseEnd(control: RequestControl, trailers: ResponseFields): void
  /** `control` is null when the request never started. */
  onResponseError(control: RequestControl | null, error: Error): void
}

/** What undici is told of a request besides. */
export interface DispatchTerms {
  /** It closes the connection after HEAD and after bodies that it does not expect unless told not to. */
  readonly reset: false
  /** Whether a request waits behind this one until its head has come; absent = yes. With one at a time there is none. */
  readonly blocking?: false
  /** Absent = what undici finds in Host. Nothing looks at it. */
  readonly servername?: string
}

/** Connections to one address, whatever is spoken on them: undici's pools are such. */
export interface Connections {
  dispatch(request: UpstreamRequest & DispatchTerms, handler: ResponseHandler): unknown
  readonly closed: boolean
  readonly stats: { readonly connected: number }
  /** Waits for the requests that run, and takes no new ones. */
  close(): Promise<void>
  /** Ends all at once; requests that still run fail. */
  destroy(): Promise<void>
}
