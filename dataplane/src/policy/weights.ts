import type { Clock } from '../clock.ts'
import { isAligned, settle, weigh } from './meter.ts'
import { present } from './moment.ts'
import { keyOf, type QuotaSubject } from './quotaKeys.ts'
import { ratesFor, type QuotaCheck } from './quotas.ts'

/** Header values by lower-case name, as connections give them. */
type Answered = Readonly<Record<string, string | string[] | undefined>>

/** What an answer may say that its request has cost beside what it took beforehand. */
export class Weights {
  readonly #quotas: readonly QuotaCheck[]
  readonly #subject: QuotaSubject
  readonly #clock: Clock

  /** @param quotas - those of which answers tell the weight */
  constructor(quotas: readonly QuotaCheck[], subject: QuotaSubject, clock: Clock) {
    this.#quotas = quotas
    this.#subject = subject
    this.#clock = clock
  }

  /**
   * Takes what a backend says of the quotas of its own namespace, whether it fits or not.
   *
   * @param owner - the backend's namespace: no other may say what a quota's callers have used
   */
  charge(owner: string, headers: Answered): void {
    for (const quota of this.#quotas) {
      const { weight } = quota.cost
      if (weight === null || quota.namespace !== owner) continue
      const units = weightOf(headers[weight.name], weight.max)
      if (units > 0) this.#take(quota, units)
    }
  }

  #take(quota: QuotaCheck, units: number): void {
    const now = present(this.#clock)
    const key = keyOf(quota.keys, this.#subject, now.steady)
    for (const { meter, table } of ratesFor(quota, this.#subject)) {
      const place = table.place(key, now)
      settle(meter, table.cells, place, isAligned(meter) ? now.wall : now.steady)
      weigh(meter, table.cells, place, units)
    }
  }
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
