import { createLeases, type Lease } from './lease.ts'

/** What was taken and has not come back. A bucket that nothing was taken from is one that does not exist. */
export interface Bucket {
  used: number
  /** When `used` was true; monotonic milliseconds. */
  at: number
}

/** How fast tokens come back. */
export interface Refill {
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

/** The buckets of one rate of one quota, by key. */
export interface BucketTable {
  /**
   * The bucket of a key. When the table is full, keys that have none share one, so that a flood of keys gets no more than
   * one key would (M16).
   */
  bucket(key: string, now: number): Bucket
  /** Buckets that exist. */
  size(): number
}

/** The counters of all quotas. They survive snapshots, and a change of limit, window or burst keeps what was taken. */
export interface Buckets {
  /** @param identity - of the counter: policy, quota, keys, algorithm, window */
  acquire(identity: string, refill: Refill): Lease<BucketTable>
}

export interface BucketLimits {
  /** Most buckets of one table. */
  readonly perTable: number
  /** Most buckets in all. */
  readonly total: number
}

const defaultLimits: BucketLimits = { perTable: 50_000, total: 500_000 }

/** Full buckets looked for with each new key, and with each key that finds the table full. */
const sweepStep = 4
const sweepSearch = 64
/** How often tables that were let go are looked at, in milliseconds. */
const forgetInterval = 1000

class Table implements BucketTable {
  readonly #limits: BucketLimits
  readonly #count: { total: number }
  readonly #overflow: Bucket = { used: 0, at: 0 }
  readonly #buckets = new Map<string, Bucket>()
  #cursor = this.#buckets.entries()
  refill: Refill

  constructor(refill: Refill, limits: BucketLimits, count: { total: number }) {
    this.refill = refill
    this.#limits = limits
    this.#count = count
  }

  bucket(key: string, now: number): Bucket {
    const known = this.#buckets.get(key)
    if (known !== undefined) return known
    this.#sweep(now, this.#isFull() ? sweepSearch : sweepStep)
    if (this.#isFull()) return this.#overflow
    const bucket = { used: 0, at: now }
    this.#buckets.set(key, bucket)
    this.#count.total++
    return bucket
  }

  size(): number {
    return this.#buckets.size
  }

  /** Whether all that was taken, from any bucket, has come back. */
  isIdle(now: number): boolean {
    for (const bucket of this.#buckets.values()) if (!this.#isBack(bucket, now)) return false
    return this.#isBack(this.#overflow, now)
  }

  clear(): void {
    this.#count.total -= this.#buckets.size
    this.#buckets.clear()
  }

  #isFull(): boolean {
    return this.#buckets.size >= this.#limits.perTable || this.#count.total >= this.#limits.total
  }

  #isBack({ used, at }: Bucket, now: number): boolean {
    return used - ((now - at) * this.refill.limit) / this.refill.window <= 0
  }

  /** Goes on where it stopped, so that no call looks at more than a few. */
  #sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step++) {
      const next = this.#cursor.next()
      if (next.done === true) {
        this.#cursor = this.#buckets.entries()
        return
      }
      const [key, bucket] = next.value
      if (this.#isBack(bucket, now) && this.#buckets.delete(key)) this.#count.total--
    }
  }
}

/**
 * @param now - monotonic milliseconds
 * @returns counters that no snapshot can refill: a table that is let go stays until all has come back by itself
 */
export function createBuckets(now: () => number, limits: BucketLimits = defaultLimits): Buckets {
  const count = { total: 0 }
  const idle = new Map<string, Table>()
  const leases = createLeases<Table>((table, identity) => idle.set(identity, table))
  let forgotten = -Infinity
  const forget = (): void => {
    const time = now()
    if (time - forgotten < forgetInterval) return
    forgotten = time
    for (const [identity, table] of idle) {
      if (!table.isIdle(time)) continue
      idle.delete(identity)
      table.clear()
    }
  }
  return {
    acquire(identity, refill) {
      forget()
      const lease = leases.acquire(identity, () => {
        const left = idle.get(identity)
        idle.delete(identity)
        return left ?? new Table(refill, limits, count)
      })
      lease.value.refill = refill
      return lease
    },
  }
}
