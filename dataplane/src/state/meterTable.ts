import { cellsOf, isAligned, isBack, type Cells, type Meter } from '../policy/meter.ts'
import type { Moment } from '../policy/moment.ts'
import type { KeyBudget } from './keyBudget.ts'

/** The keys of one meter and what was taken from each. */
export interface MeterTable {
  /** The numbers of all keys; another array when there was no room for one more. */
  readonly cells: Cells
  /**
   * Where the numbers of a key begin. When there is no room for more, keys that have none share one place, so that a flood
   * of keys gets no more than one key would (M16).
   */
  place(key: string, now: Moment): number
  /** Where the numbers of a key are; null = it has no place of its own. */
  find(key: string): number | null
  /** Keys that have a place of their own. */
  size(): number
}

/** Full keys looked for with each new key, and with each key that finds the table full. */
const sweepStep = 4
const sweepSearch = 64
const firstPlaces = 8

/** A key goes only when all that was taken from it has come back: no flood refills another's. */
export class GrowingTable implements MeterTable {
  readonly #budget: KeyBudget
  readonly #places = new Map<string, number>()
  readonly #free: number[] = []
  readonly #width: number
  #cursor = this.#places.entries()
  /** The first place is the one that is shared. */
  #end: number
  cells: Cells
  /** Of all meters that count here, the one that gives back slowest. */
  slowest: Meter

  constructor(slowest: Meter, budget: KeyBudget) {
    this.slowest = slowest
    this.#budget = budget
    this.#width = cellsOf[slowest.algorithm]
    this.#end = this.#width
    this.cells = new Float64Array(firstPlaces * this.#width)
  }

  place(key: string, now: Moment): number {
    return this.#places.get(key) ?? this.#newPlace(key, now)
  }

  find(key: string): number | null {
    return this.#places.get(key) ?? null
  }

  size(): number {
    return this.#places.size
  }

  /** Whether all that was taken, from any key, has come back. */
  isIdle(now: Moment): boolean {
    const time = this.#timeOf(now)
    for (const place of this.#places.values()) if (!isBack(this.slowest, this.cells, place, time)) return false
    return isBack(this.slowest, this.cells, 0, time)
  }

  clear(): void {
    this.#budget.giveBack(this.#places.size)
    this.#places.clear()
  }

  #newPlace(key: string, now: Moment): number {
    this.#sweep(this.#timeOf(now), this.#budget.isSpent ? sweepSearch : sweepStep)
    if (this.#budget.isSpent) return 0
    const place = this.#free.pop() ?? this.#append()
    this.#places.set(key, place)
    this.#budget.take()
    return place
  }

  #append(): number {
    const place = this.#end
    this.#end += this.#width
    if (this.#end > this.cells.length) {
      const larger = new Float64Array(this.cells.length * 2)
      larger.set(this.cells)
      this.cells = larger
    }
    return place
  }

  #timeOf(now: Moment): number {
    return isAligned(this.slowest) ? now.wall : now.steady
  }

  /** Goes on where it stopped, so that no call looks at more than a few. */
  #sweep(time: number, steps: number): void {
    for (let step = 0; step < steps; step++) {
      const next = this.#cursor.next()
      if (next.done === true) {
        this.#cursor = this.#places.entries()
        return
      }
      const [key, place] = next.value
      if (!isBack(this.slowest, this.cells, place, time)) continue
      this.#places.delete(key)
      this.cells.fill(0, place, place + this.#width)
      this.#free.push(place)
      this.#budget.giveBack(1)
    }
  }
}
