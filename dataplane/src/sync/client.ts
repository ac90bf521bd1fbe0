import type { ObjectName, RefusedResource, SignedRevision, Snapshot } from '@gatehouse/contract'
import { backoffDelay, type BackoffRange } from './backoff.ts'
import { errorCode } from './errorCode.ts'
import type { SyncEvent } from './event.ts'
import type { PushCredentials } from './peer.ts'
import { Session, type SessionEnd } from './session.ts'
import type { SyncState } from './store.ts'
import { labelOf, systemResolve, targetsOf, type Resolve, type Target } from './target.ts'

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
  readonly observe: (event: SyncEvent) => void
  /** In [0, 1). */
  readonly random: () => number
  /** Default: the system's. */
  readonly resolve?: Resolve
  readonly backoff?: BackoffRange
  /** Milliseconds between pings; a peer silent for two of them is gone. */
  readonly pingInterval?: number
}

/** Follows the controller that leads: dials, says hello, applies updates one at a time, answers each, and dials again. */
export class SyncClient {
  readonly #options: SyncOptions
  readonly #held: { state: SyncState }
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #running: Session | null = null
  /** Where the last session was that was of use. */
  #leader: string | null = null

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

  /** Answers the newest update again, because less of it is refused than before. */
  restate(refused: readonly RefusedResource[]): void {
    this.#running?.restate(refused)
  }

  async #run(): Promise<void> {
    const { backoff = { min: 100, max: 10_000 }, random } = this.#options
    const stop = this.#stop.signal
    for (let failures = 0; !stop.aborted;) {
      const useful = await this.#round()
      failures = useful ? 0 : failures + 1
      await pause(backoffDelay(Math.max(0, failures - 1), backoff, random()), stop)
    }
  }

  /**
   * Tries the addresses, one at once after the other. Ends early when one was of use, unless it said that another leads.
   *
   * @returns whether one was of use
   */
  async #round(): Promise<boolean> {
    let useful = false
    for (const target of await this.#targets()) {
      if (this.#stop.signal.aborted) break
      const address = labelOf(target)
      const end = await this.#session(target)
      if (end.notLeader) this.#options.observe({ type: 'not-leader', address })
      else this.#options.observe({ type: 'disconnected', address, code: end.code })
      if (!end.useful) continue
      this.#leader = address
      useful = true
      if (!end.notLeader) break
    }
    return useful
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

  async #session(target: Target): Promise<SessionEnd> {
    const failed = (error: unknown): SessionEnd => ({ code: errorCode(error), useful: false, notLeader: false })
    try {
      const credentials = await this.#options.credentials()
      this.#running = new Session(target, credentials, this.#options, this.#held)
      return await this.#running.run(this.#stop.signal)
    } catch (error) {
      return failed(error)
    }
  }
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
    if (stop.aborted) done()
  })
}
