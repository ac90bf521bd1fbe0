import { once } from 'node:events'
import { connect as dial, type Socket } from 'node:net'
import { connect as dialTls, type ConnectionOptions } from 'node:tls'
import type { StoreFault } from '@gatehouse/contract'
import { ServerError, StoreError } from './fault.ts'
import { Replies } from './replies.ts'

/** Who the gateway is to a store; null = nobody asks. */
export interface StoreLogin {
  /** null = the store's default user. */
  readonly username: string | null
  readonly password: string
}

/** A server of a store, at an address that has been checked. */
export interface StoreEndpoint {
  /** An IP address. */
  readonly address: string
  readonly port: number
  /** null = plain text. */
  readonly tls: ConnectionOptions | null
  readonly login: StoreLogin | null
}

/** One connection to one server. Once it has ended it never comes back. */
export interface StoreConnection {
  /**
   * Sends one command.
   *
   * @returns whatever the server says; it may never come, so waiting is the caller's to bound
   * @throws Error with the server's own word, such as `READONLY`, or because the connection is not there or full
   */
  send(command: readonly string[]): Promise<unknown>
  /** Fails what is on its way. */
  close(): void
}

/** Most commands that are on their way at once; beyond it the store is too slow to wait for. */
const maxInFlight = 2000
/** Bytes of an answer beyond those of its command. Counts are shorter than what asks for them; what Sentinels tell is not. */
const longerThanAsked = 16_384

/** A command that was not answered yet. */
interface Waiting {
  /** Bytes that its answer may have. */
  readonly most: number
  answered(reply: unknown): void
  failed(error: Error): void
}

/** One array of texts, each with its length in bytes (RESP2). */
const written = (command: readonly string[]): string =>
  `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

/**
 * Answers come in the order of the commands. Nothing is believed of a server that says more than it was asked, or what is no
 * answer: its connection ends, so that it can fill no memory here, also while nobody asks.
 */
class Wire implements StoreConnection {
  readonly #socket: Socket
  readonly #replies = new Replies()
  readonly #waiting: Waiting[] = []
  /** What was said in this turn of the event loop. */
  #unsent = ''
  /** Why it has ended; null = it stands. */
  #why: StoreError | null = null
  #closed = false

  /** @param lost - told why, once, when it has ended and nobody closed it */
  constructor(socket: Socket, lost: (why: StoreFault) => void) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#heard(text))
    socket.on('close', () => {
      const { fault } = this.#end(new StoreError('unreachable'))
      if (!this.#closed) lost(fault)
    })
  }

  send(command: readonly string[]): Promise<unknown> {
    if (this.#why !== null) return Promise.reject(this.#why)
    if (this.#waiting.length >= maxInFlight) return Promise.reject(new StoreError('saturated'))
    const text = written(command)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ most: text.length + longerThanAsked, answered: resolve, failed: reject })
      if (this.#unsent === '') setImmediate(() => this.#flush())
      this.#unsent += text
    })
  }

  /** One write for all of it, since a write costs more than a command. */
  #flush(): void {
    const text = this.#unsent
    this.#unsent = ''
    if (this.#why === null) this.#socket.write(text)
  }

  close(): void {
    this.#closed = true
    this.#end(new StoreError('unreachable'))
  }

  #heard(text: string): void {
    try {
      this.#replies.read(text, (reply) => this.#answer(reply))
      if (this.#replies.held > (this.#waiting[0]?.most ?? 0)) throw new StoreError('malformed')
    } catch (error) {
      this.#end(error instanceof StoreError ? error : new StoreError('malformed'))
    }
  }

  #answer(reply: unknown): void {
    const first = this.#waiting.shift()
    if (first === undefined) throw new StoreError('malformed')
    if (reply instanceof ServerError) first.failed(reply)
    else first.answered(reply)
  }

  /** @returns why it has ended, which is what ended it first */
  #end(end: StoreError): StoreError {
    const why = (this.#why ??= end)
    this.#socket.destroy()
    for (const waiting of this.#waiting.splice(0)) waiting.failed(why)
    return why
  }
}

/**
 * Opens a connection and logs in.
 *
 * @param timeout - milliseconds for all of it
 * @param lost - told why, once, when a connection that stood has ended
 */
export async function connect(
  endpoint: StoreEndpoint,
  timeout: number,
  lost: (why: StoreFault) => void,
): Promise<StoreConnection> {
  const { address: host, port, tls, login } = endpoint
  const common = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 }
  const socket = tls === null ? dial(common) : dialTls({ ...tls, ...common })
  socket.on('error', ignore)
  // A server that is frozen takes the connection and never answers the login.
  const timer = setTimeout(() => socket.destroy(new StoreError('unreachable')), timeout)
  let stands = false
  try {
    await once(socket, tls === null ? 'connect' : 'secureConnect')
    const wire = new Wire(socket, (why) => stands && lost(why))
    if (login !== null) await wire.send(['AUTH', ...(login.username === null ? [] : [login.username]), login.password])
    stands = true
    return wire
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

const ignore = (): void => {}
