import { lastGoodOf, maxTimer, type RefusedResource, type SignedRevision, type Snapshot } from '@gatehouse/contract'
import type { Clock } from './clock.ts'
import type { Serving } from './serving.ts'
import type { SyncEvent } from './sync/event.ts'
import type { LastGoodFinding } from './sync/lastGood.ts'
import type { LastGoodFolder } from './sync/lastGoodFolder.ts'

export interface StandingOptions {
  readonly serving: Pick<Serving, 'apply' | 'suspend'>
  /** Null = nothing is kept. */
  readonly folder: Pick<LastGoodFolder, 'keep' | 'close'> | null
  readonly observe: (event: SyncEvent) => void
  readonly clock: Clock
}

interface Served {
  readonly revision: string
  readonly refused: readonly RefusedResource[]
  readonly whole: boolean
}

/**
 * The configuration that serves: it comes from a controller or, before one has answered, from the last good snapshot, and
 * it serves no longer than `lastGood.maxAge` after the leader last published it, wherever it came from.
 */
export class Standing {
  readonly #options: StandingOptions
  #served: Served | null = null
  #expiry: NodeJS.Timeout | null = null
  /** Milliseconds since the epoch; null = never. */
  #end: number | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: StandingOptions) {
    this.#options = options
  }

  /** Whether all of a configuration serves. */
  get whole(): boolean {
    return this.#served?.whole ?? false
  }

  /** What of it could not be built. */
  get refused(): readonly RefusedResource[] {
    return this.#served?.refused ?? []
  }

  /** Serves what was found of the last good snapshot. One that cannot be built at all is as good as none. */
  async restore({ found, faults }: LastGoodFinding): Promise<void> {
    const { observe } = this.#options
    for (const code of faults) observe({ type: 'not-restored', code })
    if (found === null) return
    const { snapshot, signed, whole } = found
    try {
      const refused = await this.#serve(snapshot, signed, whole)
      observe({ type: 'restored', revision: signed.revision, issuedAt: signed.issuedAt, refused, whole })
    } catch {
      observe({ type: 'not-restored', code: 'BUILD_FAILED' })
    }
  }

  /**
   * Makes what a controller sent serve, and keeps it.
   *
   * @throws when it cannot be built at all; what served before then still serves
   */
  async apply(snapshot: Snapshot, signed: SignedRevision): Promise<readonly RefusedResource[]> {
    const refused = await this.#serve(snapshot, signed, true)
    this.#options.folder?.keep({ snapshot, signed })
    return refused
  }

  /** Less is refused of what serves than before. */
  restate(refused: readonly RefusedResource[]): void {
    if (this.#served !== null) this.#served = { ...this.#served, refused }
  }

  async close(): Promise<void> {
    if (this.#expiry !== null) clearTimeout(this.#expiry)
    await this.#turn
    await this.#options.folder?.close()
  }

  #serve(snapshot: Snapshot, signed: SignedRevision, whole: boolean): Promise<readonly RefusedResource[]> {
    return this.#inTurn(async () => {
      const { revision } = snapshot
      const same = this.#served?.revision === revision && this.#served.whole ? this.#served : null
      const refused = same?.refused ?? (await this.#options.serving.apply(snapshot))
      this.#served = { revision, refused, whole }
      this.#expire(signed, lastGoodOf(snapshot).maxAge)
      return refused
    })
  }

  #expire({ revision, issuedAt }: SignedRevision, maxAge: number): void {
    if (this.#expiry !== null) clearTimeout(this.#expiry)
    this.#end = maxAge === 0 ? null : issuedAt + maxAge
    if (this.#end !== null) this.#awaitEnd(this.#end, revision)
  }

  #awaitEnd(end: number, revision: string): void {
    const left = end - this.#options.clock.now()
    if (left < 0) void this.#inTurn(() => this.#suspend(end, revision))
    else this.#expiry = setTimeout(() => this.#awaitEnd(end, revision), Math.min(left + 1, maxTimer))
  }

  async #suspend(end: number, revision: string): Promise<void> {
    // What came while this waited its turn may serve longer.
    if (this.#end !== end) return
    this.#served = null
    this.#options.observe({ type: 'expired', revision })
    await this.#options.serving.suspend()
  }

  /** One change at a time. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#turn.then(change)
    this.#turn = changed.catch(() => {})
    return changed
  }
}
