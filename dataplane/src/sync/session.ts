import type { KeyObject } from 'node:crypto'
import {
  closeCode,
  contractVersion,
  maxMessageBytes,
  pushProtocol,
  type Ack,
  type Hello,
  type Nack,
  type NackReason,
  type RefusedResource,
  type SignedRevision,
} from '@gatehouse/contract'
import { WebSocket, type RawData } from 'ws'
import { inSlices } from '../slices.ts'
import type { SyncOptions } from './client.ts'
import { errorCode } from './errorCode.ts'
import { connectController, type PushCredentials } from './peer.ts'
import { isSignedBy } from './signature.ts'
import { applyUpdate, type Applied, type SyncState } from './store.ts'
import { labelOf, type Target } from './target.ts'
import type { Troubles } from './troubles.ts'

/** How a session ended. */
export interface SessionEnd {
  readonly code: string
  /** It brought an update, or lasted long enough for a ping to be answered. */
  readonly useful: boolean
  /** The controller said that it does not lead, or what it sent showed it. */
  readonly notLeader: boolean
  /** The controller did not answer, or no longer. */
  readonly silent: boolean
}

const maxRefused = 1000
const noTroubles: Troubles = { openCircuits: [], storeFault: null }
/** Milliseconds for the answer to the end of a session: a frozen controller must not keep us. */
const timeouts = { closeTimeout: 1_000 }
/** Two of them without a word are noticed before the lease of a leader that has vanished is over. */
const defaultPingInterval = 5_000

/** One connection, from handshake to close. */
export class Session {
  readonly #options: SyncOptions
  /** Shared by all sessions. */
  readonly #held: { state: SyncState }
  readonly #socket: WebSocket
  readonly #address: string
  readonly #token: string | null
  #keys: readonly KeyObject[]
  #useful = false
  /** The revision that this session has answered for. */
  #acknowledged: string | null = null
  #failed = false
  #silent = false
  #waiting = 0
  #alive = true
  #work: Promise<void> = Promise.resolve()

  constructor(target: Target, credentials: PushCredentials, options: SyncOptions, held: { state: SyncState }) {
    this.#options = options
    this.#held = held
    this.#address = labelOf(target)
    this.#token = credentials.token
    this.#keys = credentials.signingKeys
    this.#socket = new WebSocket(`wss://${this.#address}/`, pushProtocol, {
      createConnection: () => connectController(target, options.installation, credentials),
      ...timeouts,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
    })
  }

  async run(stop: AbortSignal): Promise<SessionEnd> {
    const socket = this.#socket
    let code = 'CLOSED'
    let opened = false
    const abort = (): void => socket.close(1000)
    stop.addEventListener('abort', abort)
    if (stop.aborted) abort()
    const { pingInterval = defaultPingInterval, openTimeout = 10_000 } = this.#options
    const pings = setInterval(() => this.#ping(), pingInterval)
    // The library's own limit does not count the time that TLS takes.
    const opening = setTimeout(() => socket.terminate(), openTimeout)
    await new Promise<void>((resolve) => {
      socket.on('open', () => {
        opened = true
        clearTimeout(opening)
        this.#hello()
      })
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
    clearTimeout(opening)
    stop.removeEventListener('abort', abort)
    await this.#work
    const notLeader = code === `CLOSED_${closeCode.notLeader}`
    const useful = this.#useful && !this.#failed
    return { code: this.#failed ? 'FAILED' : code, useful, notLeader, silent: this.#silent || !opened }
  }

  restate(refused: readonly RefusedResource[]): void {
    // An update that is being taken, or that is still to begin the session, will say it in its own answer.
    if (this.#acknowledged !== null && this.#waiting === 0) this.#acknowledge(this.#acknowledged, refused)
  }

  #hello(): void {
    const { instance, version, observe } = this.#options
    observe({ type: 'connected', address: this.#address })
    const revision = this.#held.state.snapshot?.revision ?? null
    this.#send({ type: 'hello', instance, version, contract: { ...contractVersion }, revision, token: this.#token })
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
    const { apply, observe } = this.#options
    const applied = await this.#applied(frame)
    const before = this.#held.state.snapshot
    this.#held.state = { snapshot: before, last: applied.last }
    if (applied.outcome === 'nack') return this.#nack(applied.revision, applied.reason)
    const { snapshot, signed } = applied
    let refused: readonly RefusedResource[]
    try {
      refused = await apply(snapshot, signed)
    } catch {
      return this.#nack(snapshot.revision, 'BuildFailed')
    }
    this.#held.state = { snapshot, last: signed }
    this.#useful = true
    const { revision, issuedAt } = signed
    if (before?.revision === revision) observe({ type: 'confirmed', revision, issuedAt, refused })
    else observe({ type: 'applied', revision, issuedAt, refused })
    this.#acknowledge(revision, refused)
  }

  #acknowledge(revision: string, refused: readonly RefusedResource[]): void {
    this.#acknowledged = revision
    const { openCircuits, storeFault } = this.#options.troubles?.() ?? noTroubles
    this.#send({
      type: 'ack',
      revision,
      refused: refused.slice(0, maxRefused),
      ...(openCircuits.length > 0 && { openCircuits: [...openCircuits] }),
      ...(storeFault !== null && { storeFault }),
    })
  }

  /** Long sessions outlive signing keys: before a signature is refused, the keys are read once more. */
  async #applied(frame: string): Promise<Applied> {
    const { installation, credentials, clock } = this.#options
    const name = `${installation.namespace}/${installation.name}`
    const attempt = (): Promise<Applied> => {
      const keys = this.#keys
      const expected = { installation: name, isSigned: (signed: SignedRevision) => isSignedBy(signed, keys) }
      return inSlices(applyUpdate(frame, this.#held.state, expected), () => clock.monotonic())
    }
    const first = await attempt()
    if (first.outcome === 'applied' || first.reason !== 'BadSignature') return first
    this.#keys = (await credentials()).signingKeys
    return attempt()
  }

  #nack(revision: string | null, reason: NackReason): void {
    this.#options.observe({ type: 'nacked', revision, reason })
    this.#send({ type: 'nack', revision, reason })
    // Whoever speaks in a term that is over has slept: another leads, and must be looked for.
    if (reason === 'StaleTerm') this.#socket.close(closeCode.notLeader)
  }

  #send(message: Hello | Ack | Nack): void {
    // A message that cannot go out any more is not missed: the next session begins with hello.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #ping(): void {
    if (this.#waiting > 0 || this.#socket.readyState !== WebSocket.OPEN) return
    if (!this.#alive) {
      this.#silent = true
      return this.#socket.terminate()
    }
    this.#alive = false
    this.#socket.ping()
  }
}
