import type { Clock } from '../clock.ts'
import { isAligned, settle, weigh } from './meter.ts'
import { present } from './moment.ts'
import { keyOf, type QuotaSubject } from './quotaKeys.ts'
import { ratesFor, type QuotaCheck } from './quotas.ts'
import { weighShared, type SharedQuota } from './sharedQuotas.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'

/** Header values by lower-case name, as connections give them. */
type Answered = Readonly<Record<string, string | string[] | undefined>>

/** Where weights are charged. */
interface Scales {
  /** Quotas of which answers tell the weight. */
  readonly local: readonly QuotaCheck[]
  readonly shared: readonly SharedQuota[]
  readonly store: SharedStore | null
  readonly clock: Clock
}

/** What an answer may say that its request has cost beside what it took beforehand. */
export class Weights {
  readonly #scales: Scales
  readonly #subject: QuotaSubject

  constructor(scales: Scales, subject: QuotaSubject) {
    this.#scales = scales
    this.#subject = subject
  }

  /**
   * Takes what a backend says of the quotas of its own namespace, whether it fits or not.
   *
   * @param owner - the backend's namespace: no other may say what a quota's callers have used
   */
  charge(owner: string, headers: Answered): void {
    for (const quota of this.#scales.local) {
      const units = unitsOf(quota, owner, headers)
      if (units > 0) this.#take(quota, units)
    }
    for (const quota of this.#scales.shared) {
      const units = unitsOf(quota.check, owner, headers)
      if (units > 0) void this.#takeTogether(quota, units)
    }
  }

  #take(quota: QuotaCheck, units: number): void {
    const now = present(this.#scales.clock)
    const key = keyOf(quota.keys, this.#subject, now.steady)
    for (const { meter, table } of ratesFor(quota, this.#subject)) {
      const place = table.place(key, now)
      settle(meter, table.cells, place, isAligned(meter) ? now.wall : now.steady)
      weigh(meter, table.cells, place, units)
    }
  }

  /** While nothing is known of the store, what counts here takes it instead. */
  async #takeTogether(quota: SharedQuota, units: number): Promise<void> {
    const { store, clock } = this.#scales
    const known = store !== null && (await weighShared(quota, this.#subject, units, { store, clock }))
    if (!known && quota.onStoreFailure === 'LocalFallback') this.#take(quota.local(), units)
  }
}

/** @returns 0 = nothing */
function unitsOf({ namespace, cost: { weight } }: QuotaCheck, owner: string, headers: Answered): number {
  return weight === null || namespace !== owner ? 0 : weightOf(headers[weight.name], weight.max)
}

const wholeNumber = /^(0|[1-9]\d{0,15})$/

/**
 * What is no whole number weighs the most that one may: a backend whose numbers cannot be read must not make its callers'
 * requests free.
 *
 * @returns units; 0 = the answer says nothing
 */
export function weightOf(value: string | string[] | undefined, max: number): number {
  if (value === undefined) return 0
  return typeof value === 'string' && wholeNumber.test(value) ? Math.min(Number(value), max) : max
}
