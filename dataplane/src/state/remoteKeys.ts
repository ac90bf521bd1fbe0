import type { Clock } from '../clock.ts'
import type { KeySource } from './keySource.ts'
import { keyIndex, type KeyIndex } from './keyIndex.ts'
import { verificationKeys } from './verificationKeys.ts'

/** When a key set is fetched, in milliseconds. */
export interface RefreshTimes {
  /** Between a good fetch and the next. */
  readonly interval: number
  /** Between a failed fetch and the next: doubled with each, up to `maxBackoff`. */
  readonly backoff: number
  readonly maxBackoff: number
  /** Between a good fetch and one for the sake of an unknown key. */
  readonly coolDown: number
  /** How long keys are used that can no longer be fetched. */
  readonly maxStale: number
}

export const defaultRefreshTimes: RefreshTimes = {
  interval: 300_000,
  backoff: 1000,
  maxBackoff: 300_000,
  coolDown: 30_000,
  maxStale: 24 * 3600_000,
}

const maxKeys = 64

export interface RemoteKeysOptions {
  /** Fetches the document; rejects when it cannot be had. */
  readonly fetch: () => Promise<string>
  readonly clock: Clock
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  readonly times: RefreshTimes
}

/** `stale`: the last fetch failed and the keys from before are used. `missing`: there are no keys, or too old ones. */
export type KeySetState = 'fresh' | 'stale' | 'missing'

/**
 * A key set that is fetched (M13). It asks ahead of need, one fetch at a time; keeps the keys that it has when a fetch
 * fails; waits longer after each failure; and lets tokens with unknown keys cause one fetch in a while, whatever their
 * number. So it neither floods an identity provider nor fails valid tokens while that is down.
 */
export class RemoteKeys implements KeySource {
  readonly #options: RemoteKeysOptions
  #index: KeyIndex = keyIndex([])
  /** Monotonic; null = never fetched. */
  #fetchedAt: number | null = null
  #failures = 0
  /** Monotonic; no fetch begins before it. */
  #notBefore = -Infinity
  #running: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(options: RemoteKeysOptions) {
    this.#options = options
    void this.#refresh()
  }

  find(kid: string | null, algorithm: string): ReturnType<KeySource['find']> {
    return this.#isUsable() ? this.#index.find(kid, algorithm) : []
  }

  has(id: string): boolean {
    return this.#isUsable() && this.#index.has(id)
  }

  async renew(): Promise<void> {
    await (this.#running ?? (this.#now() < this.#notBefore ? null : this.#refresh()))
  }

  unavailableFor(): number | null {
    if (this.#failures === 0 && this.#isUsable()) return null
    return Math.max(1, Math.ceil((this.#notBefore - this.#now()) / 1000))
  }

  /** For the metrics. */
  state(): KeySetState {
    if (!this.#isUsable()) return 'missing'
    return this.#failures === 0 ? 'fresh' : 'stale'
  }

  /** Fetches no more; what is known stays. */
  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }

  #isUsable(): boolean {
    return this.#fetchedAt !== null && this.#now() - this.#fetchedAt <= this.#options.times.maxStale
  }

  #refresh(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#running ??= this.#fetch().finally(() => {
      this.#running = null
      this.#schedule()
    })
    return this.#running
  }

  async #fetch(): Promise<void> {
    const { times } = this.#options
    try {
      const keys = verificationKeys(keysOf(await this.#options.fetch()), maxKeys)
      if (keys === null) throw new Error('the document is no set of public keys')
      this.#index = keyIndex(keys)
      this.#fetchedAt = this.#now()
      this.#failures = 0
      this.#notBefore = this.#now() + times.coolDown
    } catch {
      const wait = Math.min(times.backoff * 2 ** this.#failures, times.maxBackoff)
      this.#failures++
      this.#notBefore = this.#now() + this.#jitter(wait)
    }
  }

  #schedule(): void {
    if (this.#closed) return
    const { interval } = this.#options.times
    const wait = this.#failures === 0 ? this.#jitter(interval) : this.#notBefore - this.#now()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#refresh(), Math.max(0, wait)).unref()
  }

  /** Up to a quarter less, so that many replicas do not ask together. */
  #jitter(wait: number): number {
    return wait * (1 - 0.25 * this.#options.random())
  }
}

function keysOf(document: string): unknown {
  const parsed: unknown = JSON.parse(document)
  return typeof parsed === 'object' && parsed !== null && 'keys' in parsed ? parsed.keys : null
}
