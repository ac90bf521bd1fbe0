import type { Json } from '@gatehouse/contract'
import { vi } from 'vitest'
import { systemClock } from '../clock.ts'
import type { KubeObject, Written } from './client.ts'
import { electorTimes, LeaseElector, type ElectorTimes } from './elector.ts'
import { KubeError } from './kubeError.ts'
import { leaseView, type LeaseView } from './lease.ts'

export type Verb = 'get' | 'put' | 'create'
/** What becomes of a request: `lost` takes effect and is never answered, `hang` is neither. */
export type Fate = 'done' | 'down' | 'hang' | 'lost'

/** Milliseconds that every answer takes. */
export const latency = 20

/** One Lease with optimistic locking, and a network to each candidate that a test may spoil. */
export class Cluster {
  lease: KubeObject | null = null
  #version = 0

  constructor() {
    this.change({})
  }

  /** Who holds the Lease, and its term. */
  get view(): LeaseView | null {
    return this.lease && leaseView(this.lease)
  }

  change(spec: KubeObject | null, spoil: (lease: KubeObject) => KubeObject = (lease) => lease): void {
    this.#version += 1
    this.lease = spec && spoil({ metadata: { resourceVersion: String(this.#version) }, spec })
  }

  act(verb: Verb, object: Json): Written | KubeObject | null {
    if (verb === 'get') return this.lease
    const { metadata, spec } = object as unknown as { metadata?: { resourceVersion?: string }; spec: KubeObject }
    if (verb === 'create' && this.lease !== null) return 'conflict'
    if (verb === 'put' && this.lease === null) return 'gone'
    if (verb === 'put' && metadata?.resourceVersion !== String(this.#version)) return 'conflict'
    this.change(spec)
    return { object: this.lease! }
  }
}

const lease = { namespace: 'gatehouse-system', name: 'edge-controller' }
/** All that were made, until they are closed. */
const candidates: Candidate[] = []

/** An elector with a network and a clock of its own. */
export class Candidate {
  readonly elector: LeaseElector
  readonly failures: unknown[] = []
  /** What `term()` said whenever it changed. */
  readonly told: (number | null)[] = []
  fate: (verb: Verb) => Fate = () => 'done'
  /** Milliseconds by which its monotonic clock is ahead of its timers. */
  slept = 0
  /** Milliseconds by which its other clock is wrong. */
  wrong = 0
  readonly #cluster: Cluster

  constructor(cluster: Cluster, identity: string, times: ElectorTimes = electorTimes) {
    this.#cluster = cluster
    candidates.push(this)
    this.elector = new LeaseElector({
      client: {
        get: async (_, signal) => (await this.#ask('get', null, signal)) as KubeObject | null,
        put: async (_, object, __, signal) => (await this.#ask('put', object, signal)) as Written,
        create: async (_, object, signal) => (await this.#ask('create', object, signal)) as Written,
      },
      lease,
      identity,
      clock: { now: () => systemClock.now() + this.wrong, monotonic: () => systemClock.monotonic() + this.slept },
      changed: () => this.told.push(this.elector.term()),
      failed: (error) => this.failures.push(error),
      times,
    })
  }

  start(): this {
    this.elector.start()
    return this
  }

  get term(): number | null {
    return this.elector.term()
  }

  #ask(verb: Verb, object: Json, signal: AbortSignal | undefined): Promise<Written | KubeObject | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Written | KubeObject | null>()
    signal?.addEventListener('abort', () => reject(signal.reason))
    setTimeout(() => {
      const fate = this.fate(verb)
      if (fate === 'down') reject(new KubeError(503, 'Down'))
      if (fate === 'lost') this.#cluster.act(verb, object)
      if (fate === 'done') resolve(this.#cluster.act(verb, object))
    }, latency)
    return promise
  }
}

/** Makes all time a test's own, and gives it back. */
export const time = {
  begin: (): void =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
      now: Date.UTC(2026, 11, 1),
    }),
  pass: (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds),
  end: (): void => void vi.useRealTimers(),
}

/** Ends every candidate that there is. */
export async function closeAll(): Promise<void> {
  const closed = Promise.all(candidates.splice(0).map(({ elector }) => elector.close()))
  await time.pass(10_000)
  await closed
}
