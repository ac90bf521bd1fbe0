import { Readable } from 'node:stream'
import type { BodyBuffers } from '../state/bodyBuffers.ts'
import type { ClientRequest } from './clientSide.ts'

/** Whether a body follows the head (RFC 9112 6.3). */
export function hasBody({ headers }: ClientRequest): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  const length = headers['content-length']
  return length !== undefined && Number(length) > 0
}

/** Most bytes of a body that are kept in case it has to be sent again. */
const maxKept = 64 * 1024

/** Where what was sent of a body is kept. */
export interface Keeper {
  /** False when there is no room for so many bytes more. */
  take(bytes: number): boolean
  give(bytes: number): void
}

/** Looks at what comes of a body. */
export interface Tap {
  take(chunk: Buffer): void
  /** All of it has come. */
  whole(): void
  /** No more is looked at. */
  close(): void
}

/** How much of a body may come, and where it is kept. */
export interface UploadTerms {
  /** Bytes. */
  readonly limit: number
  /** Called when more than that came. */
  readonly exceeded: () => void
  /** null = nothing is kept. */
  readonly keeper: Keeper | null
  /** null = nobody looks at it. */
  readonly tap: Tap | null
  readonly buffers: BodyBuffers
}

/**
 * A request's body on its way to a backend. undici destroys what it is given as soon as the backend has answered. The
 * request itself must survive that: what the client still sends has to be read before the connection can be used or
 * closed, and a try that failed may be followed by another.
 */
export class Upload {
  readonly #request: ClientRequest
  readonly #terms: UploadTerms
  #keeper: Keeper | null
  readonly #kept: Buffer[] = []
  #keptBytes = 0
  #taken = 0
  #complete = false
  /** Whether the client has been stopped until the next try. */
  #waits = false
  #stream: Readable | null = null

  constructor(request: ClientRequest, terms: UploadTerms) {
    this.#request = request
    this.#terms = terms
    this.#keeper = terms.keeper
  }

  /** Whether everything that came has been taken on. */
  get drained(): boolean {
    return this.#stream?.readableLength === 0
  }

  /** Whether the body can be sent once more, from its first byte. */
  get replayable(): boolean {
    return this.#taken === 0 || this.#keeper !== null
  }

  /** The body for the next try, from its first byte. It must be {@link replayable}. */
  open(): Readable {
    let reading = false
    const stream = new Readable({
      read: () => {
        if (reading) this.#request.resume()
        else this.#begin(stream)
        reading = true
      },
      destroy: (error, callback) => {
        this.#halt(stream)
        callback(error)
      },
    })
    this.#stream = stream
    return stream
  }

  /** It will not be sent again. */
  settle(): void {
    this.#keeper?.give(this.#keptBytes)
    this.#keeper = null
    this.#keptBytes = 0
    this.#kept.length = 0
  }

  /** Ends the try that is under way. What the client still sends waits. */
  stop(): void {
    this.#stream?.destroy()
  }

  close(): void {
    this.stop()
    this.settle()
    this.#terms.tap?.close()
  }

  #begin(stream: Readable): void {
    for (const chunk of this.#kept) stream.push(chunk)
    if (this.#complete) {
      stream.push(null)
      return
    }
    this.#request.on('data', this.#take)
    this.#request.on('end', this.#end)
    if (this.#waits) this.#request.resume()
    this.#waits = false
  }

  #halt(stream: Readable): void {
    if (this.#stream !== stream) return
    this.#stream = null
    this.#request.off('data', this.#take)
    this.#request.off('end', this.#end)
    if (this.#keeper === null) return
    // Without a listener what comes would be lost.
    this.#request.pause()
    this.#waits = true
  }

  readonly #take = (chunk: Buffer): void => {
    this.#taken += chunk.length
    this.#terms.buffers.came(chunk.length)
    if (this.#taken > this.#terms.limit) {
      this.#terms.exceeded()
      return
    }
    if (this.#keeper !== null) this.#keep(this.#keeper, chunk)
    this.#terms.tap?.take(chunk)
    if (this.#stream?.push(chunk) === false) this.#request.pause()
  }

  readonly #end = (): void => {
    this.#complete = true
    this.#stream?.push(null)
    this.#terms.tap?.whole()
  }

  #keep(keeper: Keeper, chunk: Buffer): void {
    if (this.#keptBytes + chunk.length <= maxKept && keeper.take(chunk.length)) {
      this.#keptBytes += chunk.length
      this.#kept.push(chunk)
    } else this.settle()
  }
}
