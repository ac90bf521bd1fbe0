import type { Moment } from '../policy/moment.ts'
import type { KeyBudget } from './keyBudget.ts'

/** Values of a header that are counted by themselves beside one stable part of a key. */
export const mostValues = 100

/**
 * Which values of a header have a count of their own: the first {@link mostValues} beside each stable part. All others share
 * one, so that a client gains no more by inventing values than that many counts. Values that nobody has sent for as long as
 * a count needs to be full again make room.
 */
export class HeaderValues {
  readonly #budget: KeyBudget
  /** Microseconds. */
  #memory: number
  #turned = -Infinity
  #recent = new Map<string, Set<string>>()
  #old = new Map<string, Set<string>>()

  /** @param memory - the longest time until a count is full again by itself, in microseconds */
  constructor(memory: number, budget: KeyBudget) {
    this.#memory = memory
    this.#budget = budget
  }

  /** @param memory - see the constructor */
  remember(memory: number): void {
    this.#memory = memory
  }

  /** Whether a value is counted by itself. @param now - microseconds that never go back */
  counts(stable: string, value: string, now: number): boolean {
    if (now - this.#turned >= this.#memory) this.#turn(now)
    const recent = this.#recent.get(stable)
    if (recent?.has(value)) return true
    const old = this.#old.get(stable)
    if (!old?.delete(value)) {
      if (this.#budget.isSpent || (recent?.size ?? 0) + (old?.size ?? 0) >= mostValues) return false
      this.#budget.take()
    }
    if (recent) recent.add(value)
    else this.#recent.set(stable, new Set([value]))
    return true
  }

  /** Whether nothing is remembered that still matters. */
  isIdle({ steady }: Moment): boolean {
    return this.#isPast(steady)
  }

  clear(): void {
    this.#forget(this.#old)
    this.#forget(this.#recent)
    this.#old = this.#recent = new Map()
  }

  #isPast(now: number): boolean {
    return now - this.#turned >= 2 * this.#memory
  }

  #turn(now: number): void {
    this.#forget(this.#old)
    this.#old = this.#isPast(now) ? this.#emptied() : this.#recent
    this.#recent = new Map()
    this.#turned = now
  }

  #emptied(): Map<string, Set<string>> {
    this.#forget(this.#recent)
    return new Map()
  }

  #forget(values: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const { size } of values.values()) this.#budget.giveBack(size)
  }
}
