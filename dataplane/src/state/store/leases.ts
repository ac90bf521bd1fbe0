import type { StoreFault } from '@gatehouse/contract'
import { StoreError } from './fault.ts'
import type { PhaseMode, SharedCount, SharedMeter, SharedPhase, StorePhase } from './phase.ts'
import { isScarce, lengthOf, pauseOf } from './leasePace.ts'
import { Shares } from './shares.ts'
import { within } from './within.ts'

type Ask = (mode: PhaseMode, meters: readonly SharedMeter[], namespace: string) => Promise<StorePhase | StoreFault>

type Flight = ReturnType<Ask>

/** What was taken of a counter at once and is given out here. */
interface Lease {
  /** Units. */
  left: number
  /** Microseconds; from then on what is left is lost. */
  until: number
  /** Microseconds; before then the store has no more, or not enough to be asked for. */
  notBefore: number
  /** Microseconds; when what was refused fits, as the store said. */
  fitsAt: number
  /** The cost from which on that holds, in units. */
  refused: number
  /** What the store had left when it was last asked, in units. */
  remaining: number
  /** Microseconds at which more of it remains. */
  resetAt: number
  /** Whose room it takes. */
  readonly namespace: string
  /** The call that is to bring more; null = none is on its way. */
  flight: Flight | null
}

/** What leases go by. */
export interface LeaseTerms {
  /** Monotonic, microseconds. */
  readonly now: () => number
  /** Milliseconds in which a phase is counted, whoever's calls it waits for. */
  readonly deadline: number
  /** How many take leases of the same counters. */
  readonly dataPlanes: () => number
  /** Leases that are remembered; default as many as an installation needs. */
  readonly most?: number
}

const mostLeases = 100_000
/** Microseconds between two looks for leases that are over, while there is no room. */
const rest = 1_000_000
/** How often a request waits for the calls of others before it makes its own. */
const mostRounds = 3
/** Microseconds; the word of a store counts no longer, for a counter may have begun anew, or the word may have been a lie. */
const longestSilence = 10_000_000

/** Whether more may be taken than one request costs. */
const isLeased = ({ cost, most }: SharedMeter): boolean => most > cost

/**
 * Takes some of a limit at once where a quota allows it, and gives it out without asking. What was taken lasts until the
 * window ends in which it was taken; for a bucket, as long as its window. So in no window more than the limit is charged, and what
 * data planes give out of a window before is at most one share each.
 */
export class Leases {
  readonly #ask: Ask
  readonly #now: () => number
  readonly #deadline: number
  readonly #dataPlanes: () => number
  /** A lease of a long window stays long. */
  readonly #room: Shares
  readonly #leases = new Map<string, Lease>()
  #sweptAt = -Infinity

  constructor(ask: Ask, { now, deadline, dataPlanes, most = mostLeases }: LeaseTerms) {
    this.#ask = ask
    this.#now = now
    this.#dataPlanes = dataPlanes
    this.#deadline = deadline * 1000
    this.#room = new Shares({
      total: most,
      perNamespace: Math.ceil(most / 2),
      guaranteed: Math.floor(most / 100),
      most: 2 * most,
    })
  }

  /**
   * Charges each meter or none, as the store would, and asks it only when what is here is not enough.
   *
   * @param namespace - whose request asks
   */
  async count(mode: PhaseMode, meters: readonly SharedMeter[], namespace: string): Promise<SharedPhase | StoreFault> {
    if (mode === 'weigh' || !meters.some(isLeased)) return this.#ask(mode, meters, namespace)
    const end = this.#now() + this.#deadline
    for (let round = 0; round < mostRounds; round++) {
      const spent = this.#spend(meters)
      if (spent !== null) return spent
      const flights = this.#flightsOf(meters)
      if (flights.length === 0) break
      // Whoever waits for the call of another waits for no second one when that failed.
      const phases = await this.#inTime(end, Promise.all(flights))
      const failed = typeof phases === 'string' ? phases : phases.find((phase) => typeof phase === 'string')
      if (failed !== undefined) return failed
    }
    // What its own call takes after its time stays taken, as where an answer is lost.
    return this.#now() < end ? this.#inTime(end, this.#fetch(meters, namespace)) : 'timeout'
  }

  async #inTime<T>(end: number, waited: Promise<T>): Promise<T | StoreFault> {
    try {
      return await within(Math.max(0, (end - this.#now()) / 1000), waited)
    } catch (error) {
      if (error instanceof StoreError) return error.fault
      throw error
    }
  }

  /** @returns what comes of the phase when nobody is asked; null = somebody must be, and nothing was taken */
  #spend(meters: readonly SharedMeter[]): SharedPhase | null {
    const now = this.#now()
    const held = meters.map((asked) => (isLeased(asked) ? (this.#leases.get(asked.key) ?? null) : null))
    const waits = meters.map((asked, index) => waitOf(asked, held[index]!, now))
    if (waits.some((wait) => wait > 0 && wait < Infinity)) {
      const counts = held.map((lease, index) => {
        const wait = waits[index]!
        return lease === null || wait === Infinity ? null : countOf(lease, 0, wait, now)
      })
      return { passed: false, counts }
    }
    if (waits.includes(Infinity)) return null
    meters.forEach(({ cost }, index) => (held[index]!.left -= cost))
    return { passed: true, counts: meters.map(({ cost }, index) => countOf(held[index]!, cost, 0, now)) }
  }

  /** What is to be waited for in place of a call of one's own; nothing, where the store has to be asked anyway. */
  #flightsOf(meters: readonly SharedMeter[]): readonly Flight[] {
    if (!meters.every(isLeased)) return []
    return meters.flatMap(({ key }) => this.#leases.get(key)?.flight ?? [])
  }

  /** One call: for what is held here nothing is asked, and of what is on its way already no more than the cost. */
  async #fetch(meters: readonly SharedMeter[], namespace: string): Promise<SharedPhase | StoreFault> {
    const began = this.#now()
    const own = meters.map((asked) => (isLeased(asked) ? this.#lease(asked.key, namespace) : null))
    const spent = meters.map((asked, index) => own[index] !== null && waitOf(asked, own[index]!, began) === 0)
    meters.forEach(({ cost }, index) => spent[index] && (own[index]!.left -= cost))
    const question = meters.flatMap((asked, index) => {
      if (spent[index]) return []
      const lease = own[index]
      // What could not be given out later would be lost.
      return [lease?.flight || (lease && !this.#leases.has(asked.key)) ? { ...asked, most: asked.cost } : asked]
    })
    const call = this.#ask('ask', question, namespace)
    const fetching = own.filter((lease, index) => lease !== null && !spent[index] && lease.flight === null)
    for (const lease of fetching) lease!.flight = call
    const phase = await call
    for (const lease of fetching) if (lease!.flight === call) lease!.flight = null
    if (typeof phase === 'string' || !phase.passed)
      meters.forEach(({ cost }, index) => spent[index] && (own[index]!.left += cost))
    if (typeof phase === 'string') return phase
    let next = 0
    const counts = meters.map((asked, index): SharedCount => {
      const lease = own[index]!
      if (spent[index]) return countOf(lease, phase.passed ? asked.cost : 0, 0, began)
      const count = phase.counts[next++]!
      if (lease === null) return count
      keep(lease, asked, count, { began, pause: pauseOf(asked, this.#dataPlanes()) })
      return { ...count, taken: phase.passed ? asked.cost : 0, remaining: count.remaining + lease.left }
    })
    return { passed: phase.passed, counts }
  }

  /** What is known of a counter; beyond the most that are remembered, nothing is for long. */
  #lease(key: string, namespace: string): Lease {
    const known = this.#leases.get(key)
    if (known !== undefined) return known
    const times = { until: 0, notBefore: 0, fitsAt: 0, resetAt: 0 }
    const lease = { ...times, left: 0, refused: 0, remaining: 0, namespace, flight: null }
    if (this.#takeRoom(namespace)) this.#leases.set(key, lease)
    return lease
  }

  #takeRoom(namespace: string): boolean {
    if (this.#room.take(namespace)) return true
    this.#sweep()
    return this.#room.take(namespace)
  }

  #sweep(): void {
    const now = this.#now()
    if (now - this.#sweptAt < rest) return
    this.#sweptAt = now
    for (const [key, { until, notBefore, namespace, flight }] of this.#leases) {
      if (until > now || notBefore > now || flight !== null) continue
      this.#leases.delete(key)
      this.#room.giveBack(namespace)
    }
  }
}

/** @returns microseconds until the store may be asked again; 0 = there is enough here; Infinity = it must be asked now */
function waitOf(asked: SharedMeter, lease: Lease | null, now: number): number {
  if (lease === null) return Infinity
  if (lease.left >= asked.cost && now < lease.until) return 0
  if (now >= lease.notBefore || asked.cost < lease.refused) return Infinity
  return Math.max(lease.notBefore, lease.fitsAt) - now
}

const countOf = (lease: Lease, taken: number, wait: number, now: number): SharedCount => ({
  taken,
  wait,
  remaining: lease.remaining + lease.left,
  reset: Math.max(0, lease.resetAt - now),
})

interface Call {
  /** When it did, in microseconds: the store's answer is younger, so that what it says ends no sooner than what is kept. */
  readonly began: number
  /** Microseconds to the next one, when there is little left. */
  readonly pause: number
}

function keep(lease: Lease, asked: SharedMeter, count: SharedCount, { began, pause }: Call): void {
  const { taken, wait, remaining, reset } = count
  const fresh = began < lease.until ? lease.left : 0
  lease.left = fresh + Math.max(0, taken - asked.cost)
  if (taken > asked.cost) lease.until = began + (asked.meter.algorithm === 'TokenBucket' ? lengthOf(asked) : reset)
  lease.remaining = remaining
  lease.resetAt = began + reset
  if (!isScarce(asked, count)) return
  // What refused a request that costs much may have room for one that costs less.
  lease.refused = wait > 0 ? asked.cost : 1
  lease.fitsAt = began + wait
  lease.notBefore =
    began + Math.min(longestSilence, Math.max(wait, asked.meter.algorithm === 'FixedWindow' ? wait : pause))
}
