import type { ObjectName, RefusedResource, SignedRevision, Snapshot } from '@gatehouse/contract'
import { backoffDelay, type BackoffRange } from './backoff.ts'
import type { Clock } from '../clock.ts'
import { errorCode } from './errorCode.ts'
import type { SyncEvent } from './event.ts'
import { pause } from './pause.ts'
import type { PushCredentials } from './peer.ts'
import { Session, type SessionEnd } from './session.ts'
import type { SyncState } from './store.ts'
import { labelOf, systemResolve, targetsOf, type Resolve, type Target } from './target.ts'
import type { Troubles } from './troubles.ts'

export interface SyncOptions {
  readonly installation: ObjectName
  /** `host:port` of the controllers; each name is resolved to all its addresses in every round. */
  readonly controllers: readonly string[]
  readonly instance: string
  readonly version: string
  /** Called for every connection, and when a signature does not hold: the keys may have been renewed since. */
  readonly credentials: () => Promise<PushCredentials>
  /** What was taken before this process began. */
  readonly initial: SyncState
  /**
   * Makes a snapshot serve, and says what of it could not be built. Once it rejects, the snapshot before still serves
   * and the update is nacked. Never called twice at a time. The snapshot may be the one that serves.
   */
  readonly apply: (snapshot: Snapshot, signed: SignedRevision) => Promise<readonly RefusedResource[]>
  /** What is to be said of circuits and store. Default: nothing. */
  readonly troubles?: () => Troubles
  readonly observe: (event: SyncEvent) => void
  readonly clock: Pick<Clock, 'monotonic'>
  /** In [0, 1). */
  readonly random: () => number
  /** Default: the system's. */
  readonly resolve?: Resolve
  readonly backoff?: BackoffRange
  /** Milliseconds between pings; a peer silent for two of them is gone. */
  readonly pingInterval?: number
  /** Milliseconds in which a connection must be open, TLS included. */
  readonly openTimeout?: number
}

/** Rounds in which an address that did not answer is passed over while another one answers. */
const passedOver = 8
/** The longest wait, in milliseconds, while controllers answer that they do not lead: they are about to elect one. */
const electionWait = 1_000

/** What became of a round: one was of use, one answered at least that it does not lead, or neither. */
type Round = 'useful' | 'answered' | 'vain'

/** Follows the controller that leads: dials, says hello, applies updates one at a time, answers each, and dials again. */
export class SyncClient {
  readonly #options: SyncOptions
  readonly #held: { state: SyncState }
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #running: Session | null = null
  /** Where the last session was that was of use. */
  #leader: string | null = null
  /** Rounds that are left for addresses that did not answer: to wait for one would cost the time of the others. */
  #silent: ReadonlyMap<string, number> = new Map()

  constructor(options: SyncOptions) {
    this.#options = options
    this.#held = { state: options.initial }
    this.#ended = this.#run()
  }

  /** Closes the connection and waits for an update in progress. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  /** Answers the newest update again, because less of it is refused than before, or there is something else to say of circuits and store. */
  restate(refused: readonly RefusedResource[]): void {
    this.#running?.restate(refused)
  }

  async #run(): Promise<void> {
    const { backoff = { min: 100, max: 10_000 }, random } = this.#options
    const stop = this.#stop.signal
    for (let failures = 0; !stop.aborted;) {
      const round = await this.#round()
      failures = round === 'useful' ? 0 : failures + 1
      const max = round === 'answered' ? Math.min(backoff.max, electionWait) : backoff.max
      await pause(backoffDelay(Math.max(0, failures - 1), { ...backoff, max }, random()), stop)
    }
  }

  /** Tries the addresses, one at once after the other. Ends early when one was of use, unless it said that another leads. */
  async #round(): Promise<Round> {
    let round: Round = 'vain'
    const silent = new Map([...this.#silent].flatMap(([address, left]) => (left > 1 ? [[address, left - 1]] : [])))
    for (const target of await this.#due(silent)) {
      if (this.#stop.signal.aborted) break
      const address = labelOf(target)
      const credentials = await this.#credentials()
      if (credentials === null) break
      const end = await this.#session(target, credentials)
      if (end.notLeader) this.#options.observe({ type: 'not-leader', address })
      else this.#options.observe({ type: 'disconnected', address, code: end.code })
      if (end.silent) silent.set(address, passedOver)
      if (end.notLeader && round === 'vain') round = 'answered'
      if (!end.useful) continue
      this.#leader = address
      round = 'useful'
      if (!end.notLeader) break
    }
    this.#silent = silent
    return round
  }

  /** The addresses to try: those that answered last time, or all when none did. */
  async #due(silent: ReadonlyMap<string, number>): Promise<readonly Target[]> {
    const targets = await this.#targets()
    const due = targets.filter((target) => !silent.has(labelOf(target)))
    return due.length > 0 ? due : targets
  }

  /** The one that led until now comes last: that its session has ended is the best sign that another leads. */
  async #targets(): Promise<readonly Target[]> {
    const { controllers, observe, resolve = systemResolve } = this.#options
    const found = await Promise.all(
      controllers.map((controller) =>
        targetsOf(controller, resolve).catch((error: unknown) => {
          observe({ type: 'disconnected', address: controller, code: errorCode(error) })
          return []
        }),
      ),
    )
    const targets = new Map(found.flat().map((target) => [labelOf(target), target]))
    const last = this.#leader === null ? undefined : targets.get(this.#leader)
    return [...[...targets.values()].filter((target) => target !== last), ...(last ? [last] : [])]
  }

  /** Null when they cannot be read, which is no fault of the other end and is said by itself. */
  async #credentials(): Promise<PushCredentials | null> {
    try {
      return await this.#options.credentials()
    } catch (error) {
      this.#options.observe({ type: 'no-credentials', code: errorCode(error) })
      return null
    }
  }

  async #session(target: Target, credentials: PushCredentials): Promise<SessionEnd> {
    const failed = (error: unknown): SessionEnd => ({
      code: errorCode(error),
      useful: false,
      notLeader: false,
      silent: false,
    })
    try {
      this.#running = new Session(target, credentials, this.#options, this.#held)
      return await this.#running.run(this.#stop.signal)
    } catch (error) {
      return failed(error)
    }
  }
}
