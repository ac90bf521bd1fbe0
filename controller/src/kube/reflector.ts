import { member, textOf } from '../compile/raw.ts'
import type { Clock } from '../clock.ts'
import { createBackoff, type Backoff } from './backoff.ts'
import type { KubeClient, KubeObject, Query, WatchFrame } from './client.ts'
import { KubeError, MalformedAnswerError } from './kubeError.ts'
import { pause } from './pause.ts'

/** Whom a reflector tells what there is. */
export interface Mirror {
  /** All objects, after a list. The first call says that the collection is known. */
  replace(objects: readonly KubeObject[]): void
  put(object: KubeObject): void
  remove(object: KubeObject): void
  /** The collection may not be read: what was known of it no longer counts, until the next list. */
  refuse(): void
}

/** Milliseconds each. */
export interface ReflectorTimes {
  /** Bounds of the first and of every wait after a failure. */
  readonly firstWait: number
  readonly longestWait: number
  /** Between two looks for a kind that the API server does not know. */
  readonly probe: number
  /** After this a watch gives way to a list, whatever it says. */
  readonly relist: number
  /**
   * How long a collection must have been forbidden, without another answer between, before it counts as refused: an API
   * server that has just started forbids what it has not yet read the Roles of.
   */
  readonly refusal: number
}

export const reflectorTimes: ReflectorTimes = {
  firstWait: 500,
  longestWait: 30_000,
  probe: 30_000,
  relist: 600_000,
  refusal: 10_000,
}

export interface ReflectorOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>
  /** Of the collection, such as `/api/v1/services`. */
  readonly path: string
  /** Selects a part of the collection, such as a fieldSelector. */
  readonly selector: Query
  readonly mirror: Mirror
  /** Whether it may be that the collection is not to be read, as where a Role is missing; otherwise 403 is a failure. */
  readonly refusable: boolean
  /** Called for each failure that is waited out; not for those of a collection that counts as refused. */
  readonly failed: (error: unknown) => void
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly times: ReflectorTimes
}

const pageSize = '200'
/** Milliseconds after which a watch has proved itself, even if nothing was said. */
const lasting = 1_000

const versionOf = (object: KubeObject): string | undefined => textOf(member(object['metadata'], 'resourceVersion'))

/**
 * Keeps a mirror of one collection of the API server: a list, then a watch from where the list ended, and a list again
 * when the server has forgotten that place (410), when the kind is unknown (404), when the stream makes no sense, and
 * from time to time. Every other failure is waited out, and the watch goes on where it was; a collection that stays
 * forbidden is told to be refused. Nothing is told after `close` was called.
 */
export class Reflector {
  readonly #options: ReflectorOptions
  readonly #backoff: Backoff
  readonly #stop = new AbortController()
  /** Ends the present round. */
  #turn = new AbortController()
  #running: Promise<void> = Promise.resolve()
  /** Where the next watch begins; null = a list is due. */
  #version: string | null = null
  #listedAt = 0
  /** Since when every answer was that it is forbidden. */
  #forbiddenSince: number | null = null
  #awaiting: (() => void)[] = []

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#backoff = createBackoff(options.times.firstWait, options.times.longestWait, options.random)
  }

  start(): void {
    this.#running = this.#run(this.#stop.signal)
  }

  /** Lists anew at once. Resolves when a list that began after the call was told, or refused, and on `close`. */
  relist(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#awaiting.push(resolve)
    this.#version = null
    this.#turn.abort()
    return promise
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    this.#settle()
  }

  async #run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.#turn = new AbortController()
      const signal = AbortSignal.any([stop, this.#turn.signal])
      const wait = await this.#round(signal)
      if (wait > 0) await pause(wait, signal)
    }
  }

  /** One list if it is due, and one watch. @returns milliseconds to wait before the next */
  async #round(signal: AbortSignal): Promise<number> {
    const { clock, times } = this.#options
    try {
      if (this.#version === null || clock.monotonic() - this.#listedAt >= times.relist) await this.#list(signal)
      return await this.#watch(signal)
    } catch (error) {
      return signal.aborted ? 0 : this.#afterFailure(error)
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, path, selector, mirror, clock } = this.#options
    const objects: KubeObject[] = []
    this.#version = null
    for (let next = ''; ;) {
      const query = { ...selector, limit: pageSize, ...(next === '' ? {} : { continue: next }) }
      const page = await client.list(path, query, signal)
      signal.throwIfAborted()
      objects.push(...page.items)
      next = page.next
      if (next !== '') continue
      this.#version = page.resourceVersion
      this.#listedAt = clock.monotonic()
      this.#forbiddenSince = null
      this.#settle()
      return mirror.replace(objects)
    }
  }

  #settle(): void {
    for (const resolve of this.#awaiting.splice(0)) resolve()
  }

  async #watch(signal: AbortSignal): Promise<number> {
    const { client, path, selector, clock, random } = this.#options
    const query = {
      ...selector,
      allowWatchBookmarks: 'true',
      // Not the same for all kinds, so that their watches do not end together.
      timeoutSeconds: String(240 + Math.floor(random() * 121)),
      resourceVersion: this.#version ?? '',
    }
    const frames = await client.watch(path, query, signal)
    this.#forbiddenSince = null
    const began = clock.monotonic()
    try {
      for await (const frame of frames) {
        signal.throwIfAborted()
        this.#take(frame)
        this.#backoff.reset()
      }
    } finally {
      if (clock.monotonic() - began >= lasting) this.#backoff.reset()
    }
    // A server that ends watches at once must not be asked without end.
    return clock.monotonic() - began >= lasting ? 0 : this.#backoff.next()
  }

  #take({ type, object }: WatchFrame): void {
    const version = versionOf(object)
    if (!version) throw new MalformedAnswerError('an object of a watch has no resourceVersion')
    const { mirror } = this.#options
    if (type === 'DELETED') mirror.remove(object)
    else if (type !== 'BOOKMARK') mirror.put(object)
    this.#version = version
  }

  #afterFailure(error: unknown): number {
    const { mirror, failed, times, refusable } = this.#options
    const status = error instanceof KubeError ? error.status : null
    if (status === 403 && refusable) return this.#afterForbidden(error)
    this.#forbiddenSince = null
    // 504 is the answer to a version of the future, which a restored backup of etcd leaves behind.
    if (error instanceof MalformedAnswerError || status === 410 || status === 504) this.#version = null
    if (status === 404 && this.#version === null) {
      this.#settle()
      mirror.replace([])
      return jittered(times.probe, this.#options.random)
    }
    if (status === 404) this.#version = null
    if (status !== 404 && status !== 410) failed(error)
    return this.#backoff.next()
  }

  #afterForbidden(error: unknown): number {
    const { mirror, failed, times, clock } = this.#options
    const now = clock.monotonic()
    this.#forbiddenSince ??= now
    if (now - this.#forbiddenSince < times.refusal) {
      failed(error)
    } else {
      this.#version = null
      this.#settle()
      mirror.refuse()
    }
    return this.#backoff.next()
  }
}

const jittered = (wait: number, random: () => number): number => wait * (0.5 + random() / 2)
