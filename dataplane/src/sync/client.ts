import {
  closeCode,
  contractVersion,
  maxMessageBytes,
  pushProtocol,
  type Ack,
  type Hello,
  type Nack,
  type NackReason,
  type ObjectName,
  type RefusedResource,
  type Snapshot,
} from '@gatehouse/contract'
import { WebSocket, type RawData } from 'ws'
import { backoffDelay, type BackoffRange } from './backoff.ts'
import { connectController, type PushCredentials } from './peer.ts'
import { applyUpdate, type SyncState } from './store.ts'

/** What happens on the push channel, for logs and metrics. Codes are upper-case words, never exception text. */
export type SyncEvent =
  | { readonly type: 'connected'; readonly address: string }
  | { readonly type: 'disconnected'; readonly address: string; readonly code: string }
  | { readonly type: 'applied'; readonly revision: string; readonly refused: readonly RefusedResource[] }
  | { readonly type: 'nacked'; readonly revision: string | null; readonly reason: NackReason }

export interface SyncOptions {
  readonly installation: ObjectName
  /** `host:port` of the controllers, tried in turn. */
  readonly addresses: readonly string[]
  readonly instance: string
  readonly version: string
  /** Called for every connection. */
  readonly credentials: () => Promise<PushCredentials>
  /**
   * Makes a snapshot serve, and says what of it could not be built. Once it rejects, the snapshot before still serves
   * and the update is nacked. Never called twice at a time.
   */
  readonly apply: (snapshot: Snapshot) => Promise<readonly RefusedResource[]>
  readonly observe: (event: SyncEvent) => void
  /** In [0, 1). */
  readonly random: () => number
  readonly backoff?: BackoffRange
  /** Milliseconds between pings; a peer silent for two of them is gone. */
  readonly pingInterval?: number
}

const maxRefused = 1000

/** Follows the controller: dials, says hello, applies updates one at a time, answers each, and dials again. */
export class SyncClient {
  readonly #options: SyncOptions
  readonly #state: { snapshot: Snapshot | null } = { snapshot: null }
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #running: Session | null = null

  constructor(options: SyncOptions) {
    this.#options = options
    this.#ended = this.#run()
  }

  /** Closes the connection and waits for an update in progress. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  /** Answers the newest update again, because less of it is refused than before. */
  restate(refused: readonly RefusedResource[]): void {
    this.#running?.restate(refused)
  }

  async #run(): Promise<void> {
    const { addresses, backoff = { min: 100, max: 10_000 }, random, observe } = this.#options
    const stop = this.#stop.signal
    for (let attempt = 0, failures = 0; !stop.aborted; attempt++) {
      const address = addresses[attempt % addresses.length]!
      const end = await this.#session(address)
      observe({ type: 'disconnected', address, code: end.code })
      failures = end.useful ? 0 : failures + 1
      // The other controllers are tried at once; only a whole round in vain earns a pause.
      const rounds = Math.floor(failures / addresses.length)
      if (end.useful || failures % addresses.length === 0) {
        await pause(backoffDelay(Math.max(0, rounds - 1), backoff, random()), stop)
      }
    }
  }

  async #session(address: string): Promise<SessionEnd> {
    let credentials: PushCredentials
    try {
      credentials = await this.#options.credentials()
    } catch (error) {
      return { code: errorCode(error), useful: false }
    }
    if (this.#stop.signal.aborted) return { code: 'CLOSED', useful: false }
    try {
      this.#running = new Session(address, credentials, this.#options, this.#state)
      return await this.#running.run(this.#stop.signal)
    } catch (error) {
      return { code: errorCode(error), useful: false }
    }
  }
}

/** How a session ended; useful = it brought an update, or lasted long enough for a ping to be answered. */
interface SessionEnd {
  readonly code: string
  readonly useful: boolean
}

/** One connection, from handshake to close. */
class Session {
  readonly #options: SyncOptions
  readonly #held: { snapshot: Snapshot | null }
  readonly #socket: WebSocket
  readonly #address: string
  #sequence = 0
  #useful = false
  #failed = false
  #waiting = 0
  #alive = true
  #work: Promise<void> = Promise.resolve()

  constructor(
    address: string,
    credentials: PushCredentials,
    options: SyncOptions,
    held: { snapshot: Snapshot | null },
  ) {
    this.#options = options
    this.#held = held
    this.#address = address
    this.#socket = new WebSocket(`wss://${address}/`, pushProtocol, {
      createConnection: () => connectController(address, options.installation, credentials),
      handshakeTimeout: 10_000,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
    })
  }

  async run(stop: AbortSignal): Promise<SessionEnd> {
    const socket = this.#socket
    let code = 'CLOSED'
    const abort = (): void => socket.close(1000)
    stop.addEventListener('abort', abort)
    const pings = setInterval(() => this.#ping(), this.#options.pingInterval ?? 10_000)
    await new Promise<void>((resolve) => {
      socket.on('open', () => this.#hello())
      socket.on('message', (data, binary) => this.#receive(data, binary))
      socket.on('pong', () => (this.#alive = this.#useful = true))
      socket.on('ping', () => (this.#alive = true))
      socket.on('error', (error) => (code = errorCode(error)))
      socket.on('close', (status) => {
        if (code === 'CLOSED') code = `CLOSED_${status}`
        resolve()
      })
    })
    clearInterval(pings)
    stop.removeEventListener('abort', abort)
    await this.#work
    return { code: this.#failed ? 'FAILED' : code, useful: this.#useful && !this.#failed }
  }

  restate(refused: readonly RefusedResource[]): void {
    const { snapshot } = this.#held
    // An update that is being taken will say it in its own answer.
    if (snapshot !== null && this.#waiting === 0) this.#acknowledge(snapshot.revision, refused)
  }

  #hello(): void {
    const { instance, version, observe } = this.#options
    observe({ type: 'connected', address: this.#address })
    const revision = this.#held.snapshot?.revision ?? null
    this.#send({ type: 'hello', instance, version, contract: { ...contractVersion }, revision })
  }

  #receive(data: RawData, binary: boolean): void {
    this.#alive = true
    if (binary) return this.#socket.close(closeCode.protocolError)
    const frame = data.toString()
    // No more is read while an update is being built: a fast controller waits instead of filling our memory.
    this.#waiting++
    this.#socket.pause()
    this.#work = this.#work.then(() => this.#take(frame))
  }

  /** A failure of our own ends the session: the next one begins with what is held, and none waits for ever. */
  async #take(frame: string): Promise<void> {
    try {
      await this.#update(frame)
    } catch {
      this.#failed = true
      this.#socket.terminate()
    }
    this.#waiting--
    if (this.#waiting === 0) this.#socket.resume()
    this.#alive = true
  }

  async #update(frame: string): Promise<void> {
    const { apply, installation, observe } = this.#options
    const state: SyncState = { snapshot: this.#held.snapshot, sequence: this.#sequence }
    const applied = applyUpdate(frame, state, `${installation.namespace}/${installation.name}`)
    this.#sequence = applied.sequence
    if (applied.outcome === 'nack') return this.#nack(applied.revision, applied.reason)
    const { snapshot } = applied
    let refused: readonly RefusedResource[]
    try {
      refused = await apply(snapshot)
    } catch {
      return this.#nack(snapshot.revision, 'BuildFailed')
    }
    this.#held.snapshot = snapshot
    this.#useful = true
    observe({ type: 'applied', revision: snapshot.revision, refused })
    this.#acknowledge(snapshot.revision, refused)
  }

  #acknowledge(revision: string, refused: readonly RefusedResource[]): void {
    this.#send({ type: 'ack', revision, refused: refused.slice(0, maxRefused) })
  }

  #nack(revision: string | null, reason: NackReason): void {
    this.#options.observe({ type: 'nacked', revision, reason })
    this.#send({ type: 'nack', revision, reason })
  }

  #send(message: Hello | Ack | Nack): void {
    // A message that cannot go out any more is not missed: the next session begins with hello.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #ping(): void {
    if (this.#waiting > 0 || this.#socket.readyState !== WebSocket.OPEN) return
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#socket.ping()
  }
}

/** A code for logs: the error's own when it has one of the usual form. */
function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'FAILED'
}

function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    stop.addEventListener('abort', done)
  })
}
