import { createLeases, type Lease } from './lease.ts'

/** When failures block a network; see the contract. */
export interface FailureLimits {
  readonly limit: number
  /** Milliseconds, like `blockFor`. */
  readonly window: number
  readonly blockFor: number
}

/** The failures of one policy's callers, by client network. */
export interface FailureTable {
  /** Milliseconds until a network may try again; 0 = it may. @param now - monotonic milliseconds */
  blockedFor(network: string, now: number): number
  /** Counts a failure. */
  fail(network: string, limits: FailureLimits, now: number): void
  /** How many networks are blocked. */
  blocked(now: number): number
}

/** The failures of all policies. They survive snapshots, also those that change the limits (M16). */
export interface Failures {
  /** @param identity - of the policy */
  acquire(identity: string): Lease<FailureTable>
  /** How many networks are blocked, those blocked by several policies several times. */
  blocked(now: number): number
}

export interface FailureBounds {
  /** Most networks of one table. */
  readonly perTable: number
  /** Most networks in all; a table may always have `guaranteed`. */
  readonly total: number
  readonly guaranteed: number
}

const defaultBounds: FailureBounds = { perTable: 20_000, total: 200_000, guaranteed: 500 }

interface Count {
  failures: number
  /** When the window began. */
  readonly since: number
}

/** The count of the window that has begun, or a new one. */
const current = (count: Count | undefined, { window }: FailureLimits, now: number): Count =>
  count !== undefined && now - count.since < window ? count : { failures: 0, since: now }

/**
 * Networks with one failure, with more, and blocked ones, each in the order of their last failure. When the table is
 * full those with one failure go first and blocked ones never: nobody can flood away a block, or a count that is near
 * it. When all are blocked, further networks share one count.
 */
class Table implements FailureTable {
  readonly #bounds: FailureBounds
  readonly #sum: { total: number }
  readonly #once = new Map<string, Count>()
  readonly #often = new Map<string, Count>()
  /** Until when. */
  readonly #blocked = new Map<string, number>()
  /** All networks for which there is no room, as one. */
  readonly #others = { count: { failures: 0, since: -Infinity } as Count, blockedUntil: 0 }

  constructor(bounds: FailureBounds, sum: { total: number }) {
    this.#bounds = bounds
    this.#sum = sum
  }

  blockedFor(network: string, now: number): number {
    if (this.#blocked.size === 0) return 0
    const until = this.#blocked.get(network) ?? this.#others.blockedUntil
    return Math.max(0, until - now)
  }

  fail(network: string, limits: FailureLimits, now: number): void {
    if (this.blockedFor(network, now) > 0) return
    this.#endBlocks(now)
    if (!this.#isKnown(network) && !this.#makeRoom()) return this.#failOthers(limits, now)
    const count = current(this.#often.get(network) ?? this.#once.get(network), limits, now)
    this.#forget(network)
    count.failures++
    this.#sum.total++
    if (count.failures >= limits.limit) this.#blocked.set(network, now + limits.blockFor)
    else if (count.failures > 1) this.#often.set(network, count)
    else this.#once.set(network, count)
  }

  blocked(now: number): number {
    this.#endBlocks(now)
    return this.#blocked.size
  }

  clear(): void {
    this.#sum.total -= this.#size()
    for (const map of [this.#once, this.#often, this.#blocked]) map.clear()
  }

  #size(): number {
    return this.#once.size + this.#often.size + this.#blocked.size
  }

  #isKnown(network: string): boolean {
    return this.#once.has(network) || this.#often.has(network) || this.#blocked.has(network)
  }

  #failOthers(limits: FailureLimits, now: number): void {
    const count = current(this.#others.count, limits, now)
    count.failures++
    this.#others.count = count
    if (count.failures < limits.limit) return
    this.#others.blockedUntil = now + limits.blockFor
    this.#others.count = { failures: 0, since: -Infinity }
  }

  #forget(key: string): void {
    for (const map of [this.#once, this.#often, this.#blocked]) if (map.delete(key)) this.#sum.total--
  }

  /** @returns false when everybody is blocked */
  #makeRoom(): boolean {
    const { perTable, total, guaranteed } = this.#bounds
    const size = this.#size()
    if (size < guaranteed || (size < perTable && this.#sum.total < total)) return true
    const [oldest] = this.#once.size > 0 ? this.#once.keys() : this.#often.keys()
    if (oldest === undefined) return false
    this.#forget(oldest)
    return true
  }

  /** Blocks of one policy end in the order in which they began, unless `blockFor` was changed meanwhile. */
  #endBlocks(now: number): void {
    for (const [network, until] of this.#blocked) {
      if (until > now) return
      this.#forget(network)
    }
  }
}

export function createFailures(bounds: FailureBounds = defaultBounds): Failures {
  const sum = { total: 0 }
  const leases = createLeases<Table>((table) => table.clear())
  return {
    acquire: (identity) => leases.acquire(identity, () => new Table(bounds, sum)),
    blocked: (now) => [...leases.values()].reduce((all, table) => all + table.blocked(now), 0),
  }
}
