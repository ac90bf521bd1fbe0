import type { Clock } from '../clock.ts'
import type { Authority } from '../push/authority.ts'
import type { KubeClient, KubeObject, Written } from './client.ts'
import { SlowAnswerError } from './kubeError.ts'
import {
  leasesPath,
  leaseView,
  newLease,
  nextTerm,
  releasedLease,
  renewedLease,
  takenLease,
  type LeaseName,
} from './lease.ts'
import { pause } from './pause.ts'

/** Milliseconds each. */
export interface ElectorTimes {
  /** How long others wait after they have last seen the holder renew. */
  readonly lease: number
  /** How long a holder leads after it has begun a renewal that succeeded; less than `lease`. */
  readonly renew: number
  /** Between two attempts. */
  readonly retry: number
  /** A Lease whose holder was last heard of so long ago is free for a process that sees it for the first time. */
  readonly abandoned: number
}

export const electorTimes: ElectorTimes = { lease: 10_000, renew: 6_000, retry: 2_000, abandoned: 60_000 }

export interface ElectorOptions {
  readonly client: Pick<KubeClient, 'get' | 'put' | 'create'>
  readonly lease: LeaseName
  /** Of this run of this process: a process that starts again is another candidate. */
  readonly identity: string
  readonly clock: Clock
  /** Called when this process begins or ceases to lead; `term()` says which. */
  readonly changed: () => void
  /** Called for the first of several attempts in a row that failed; there will be another. */
  readonly failed: (error: unknown) => void
  /** Default: {@link electorTimes}. */
  readonly times?: ElectorTimes
}

const fieldManager = 'gatehouse-elector'

/**
 * Elects a leader by a Lease. What this process itself saw on its monotonic clock counts: a holder leads until
 * {@link ElectorTimes.renew} after it *began* its last successful renewal, and others take over
 * {@link ElectorTimes.lease} after they *saw* one, which is later.
 *
 * The time that stands in the Lease is compared with the clock on the wall only once, at first sight, and only by more
 * than clocks differ: so nobody waits for a holder that was gone before this process began, as after an outage of
 * everything. Where clocks do differ by so much, a holder that is there leads beside the new one until it next renews.
 *
 * A term is one unbroken leadership. Whoever ceases to lead, even for a moment, and takes the Lease again has a new one.
 */
export class LeaseElector implements Authority {
  readonly #options: ElectorOptions
  readonly #times: ElectorTimes
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #leading: { readonly term: number; readonly until: number } | null = null
  /** The Lease as this process last wrote it. */
  #held: KubeObject | null = null
  /** What the Lease said when it last changed, and when that was seen. Empty = there was none. */
  #seen: { readonly mark: string; readonly at: number } | null = null
  /** The highest term that this process knows of. */
  #highest = 0
  /** When the Lease is free if nothing happens to it. */
  #freeAt = 0
  #expiry: NodeJS.Timeout | null = null
  #failing = false

  constructor(options: ElectorOptions) {
    this.#options = options
    this.#times = options.times ?? electorTimes
  }

  /** Null from the moment on at which the time to lead is over, also in a process that slept through it. */
  term(): number | null {
    const leading = this.#leading
    return leading !== null && this.#options.clock.monotonic() < leading.until ? leading.term : null
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Ceases to lead at once, and for good. The Lease stays until {@link close}. */
  resign(): void {
    this.#stop.abort()
    this.#end()
  }

  /** Gives the Lease back, so that nobody has to wait for its end. */
  async close(): Promise<void> {
    this.resign()
    await this.#running
    await this.#release().catch(this.#options.failed)
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    while (!this.#stop.signal.aborted) {
      const began = clock.monotonic()
      await this.#attempt().then(
        () => (this.#failing = false),
        (error: unknown) => this.#fail(error),
      )
      const now = clock.monotonic()
      // A holder that could not renew has little time left; the others have.
      const next = began + (this.#failing && this.term() !== null ? this.#times.retry / 2 : this.#times.retry)
      await pause(Math.min(next, this.#freeAt > now ? this.#freeAt : Infinity) - now, this.#stop.signal)
    }
  }

  #fail(error: unknown): void {
    if (!this.#failing) this.#options.failed(error)
    this.#failing = true
  }

  async #attempt(): Promise<void> {
    const term = this.term()
    if (term !== null && this.#held !== null) return await this.#renew(term, this.#held)
    this.#end()
    await this.#stand()
  }

  async #renew(term: number, held: KubeObject): Promise<void> {
    const { clock } = this.#options
    const began = clock.monotonic()
    const written = await this.#put(renewedLease(held, clock.now()))
    if (written === 'gone') return await this.#remake()
    if (written !== 'conflict') return this.#prolong(term, written.object, began)
    const found = await this.#get()
    if (found === null) return await this.#remake()
    const { holder, term: foundTerm } = leaseView(found)
    if (holder !== this.#options.identity || foundTerm !== term) return this.#end()
    // Somebody changed it beside us: written again at once, since there may be no time for another attempt.
    const again = clock.monotonic()
    const rewritten = await this.#put(renewedLease(found, clock.now()))
    if (typeof rewritten === 'object') this.#prolong(term, rewritten.object, again)
  }

  /** The Lease was deleted under its holder, who alone knows that nobody else leads, and need not wait. */
  async #remake(): Promise<void> {
    this.#held = null
    this.#end()
    await this.#take(null)
  }

  /** Takes the Lease if nobody holds it, or if its holder has not been seen to renew it for too long. */
  async #stand(): Promise<void> {
    const { clock, identity } = this.#options
    const found = await this.#get()
    const view = found === null ? null : leaseView(found)
    const now = clock.monotonic()
    const mark = view?.mark ?? ''
    const isAbandoned = this.#seen === null && clock.now() - (view?.renewed ?? Infinity) >= this.#times.abandoned
    if (this.#seen?.mark !== mark) this.#seen = { mark, at: now }
    this.#highest = Math.max(this.#highest, view?.term ?? 0)
    // Where there is no Lease, one that led when it was deleted may not know yet.
    const isOpen = view !== null && (view.holder === null || view.holder === identity || isAbandoned)
    this.#freeAt = isOpen ? now : this.#seen.at + Math.max(this.#times.lease, view?.duration ?? 0)
    if (now >= this.#freeAt && !this.#stop.signal.aborted) await this.#take(found)
  }

  async #take(found: KubeObject | null): Promise<void> {
    const { client, clock, identity, lease } = this.#options
    const term = nextTerm(this.#highest, clock.now())
    const holding = { identity, term, duration: this.#times.lease, now: clock.now() }
    const began = clock.monotonic()
    const written = await (found === null
      ? this.#asked((signal) => client.create(leasesPath(lease.namespace), newLease(lease, holding), signal))
      : this.#put(takenLease(found, holding)))
    // Somebody was quicker, and the next attempt sees who.
    if (typeof written === 'string') return
    this.#highest = term
    this.#held = written.object
    const until = began + this.#times.renew
    if (this.#stop.signal.aborted || clock.monotonic() >= until) return
    this.#lead(term, until)
    this.#options.changed()
  }

  /** A term that was over when the answer came stays over: somebody may have acted on that already. */
  #prolong(term: number, lease: KubeObject, began: number): void {
    this.#held = lease
    if (this.term() === term) this.#lead(term, began + this.#times.renew)
    else this.#end()
  }

  #lead(term: number, until: number): void {
    this.#leading = { term, until }
    if (this.#expiry !== null) clearTimeout(this.#expiry)
    this.#expiry = setTimeout(() => this.#expire(), until - this.#options.clock.monotonic())
  }

  /** Timers may be early by a part of a millisecond. */
  #expire(): void {
    const leading = this.#leading
    if (leading !== null && this.term() !== null) return this.#lead(leading.term, leading.until)
    this.#end()
  }

  #end(): void {
    if (this.#leading === null) return
    this.#leading = null
    if (this.#expiry !== null) clearTimeout(this.#expiry)
    this.#options.changed()
  }

  async #release(): Promise<void> {
    // Read first, since the last request may have taken effect without an answer.
    const found = await this.#get()
    if (found !== null && leaseView(found).holder === this.#options.identity) await this.#put(releasedLease(found))
  }

  #path(): string {
    const { namespace, name } = this.#options.lease
    return `${leasesPath(namespace)}/${name}`
  }

  async #get(): Promise<KubeObject | null> {
    return await this.#asked((signal) => this.#options.client.get(this.#path(), signal))
  }

  async #put(lease: KubeObject): Promise<Written> {
    return await this.#asked((signal) => this.#options.client.put(this.#path(), lease, fieldManager, signal))
  }

  /** A request that hangs must leave time for another one before the deadline. */
  async #asked<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController()
    const limit = this.#times.renew / 2
    const timer = setTimeout(() => late.abort(new SlowAnswerError(`no answer within ${limit} ms`)), limit)
    try {
      return await request(late.signal)
    } finally {
      clearTimeout(timer)
    }
  }
}
