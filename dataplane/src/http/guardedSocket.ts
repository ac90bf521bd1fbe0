import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { FrameGuard } from './frameGuard.ts'

/** How long a client may take to read why its session has ended, in milliseconds. */
const lingerTime = 1_000

/** A socket of HTTP/2 on which every frame of the client is looked at first. */
export class GuardedSocket extends Duplex {
  readonly #socket: Socket
  readonly #guard: FrameGuard
  readonly #failed: (code: number) => void
  #deaf = false
  #cut: NodeJS.Timeout | null = null

  /** @param failed - called once with an error code of HTTP/2; nothing is read after it */
  constructor(socket: Socket, guard: FrameGuard, failed: (code: number) => void) {
    super({ decodeStrings: false })
    this.#socket = socket
    this.#guard = guard
    this.#failed = failed
    socket
      .on('data', (chunk: Buffer) => this.#read(chunk))
      .on('end', () => this.push(null))
      .on('error', (error) => this.destroy(error))
      .on('close', () => {
        this.destroy()
        if (this.#cut !== null) clearTimeout(this.#cut)
      })
  }

  setNoDelay(): void {
    this.#socket.setNoDelay()
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  /** Closing at once would reset the connection, and with it what was written last. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#deaf = true
    this.linger()
    this.#socket.resume().end()
    done(error)
  }

  /** Sends a frame of the gateway's own, between two writes of the library, which are whole frames. */
  say(frame: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frame)
  }

  /** Lets the client go by itself, but not for ever. */
  linger(): void {
    this.#cut ??= setTimeout(() => this.#socket.destroy(), lingerTime)
  }

  #read(chunk: Buffer): void {
    if (this.#deaf) return
    const { pass, fault } = this.#guard.read(chunk)
    let wanted = true
    for (const piece of pass) wanted = this.push(piece)
    if (fault !== null) {
      this.#deaf = true
      this.#failed(fault)
    } else if (!wanted) this.#socket.pause()
  }
}
