import { cellsOf, isAligned, isBack, type Cells, type Meter } from '../policy/meter.ts'
import type { Moment } from '../policy/moment.ts'
import { Fingerprint } from './fingerprint.ts'
import type { KeyBudget } from './keyBudget.ts'
import { PlaceIndex } from './placeIndex.ts'

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
/** A table of more places than this becomes smaller when but a part of them is used. */
const largeTable = 1024
const usedPart = 1 / 3

/** Of one process: no other needs to know where it has put a key. */
const fingerprint = new Fingerprint()

/** A key goes only when all that was taken from it has come back: no flood refills another's. */
export class GrowingTable implements MeterTable {
  readonly #budget: KeyBudget
  #index = new PlaceIndex()
  readonly #width: number
  /** Places that were given up; 0 in none of them. */
  #free: number[] = []
  #isFree = new Uint8Array(firstPlaces)
  /** Places so far. The first is the one that is shared. */
  #count = 1
  #cursor = 0
  cells: Cells
  /** Of all meters that count here, the one that gives back slowest. */
  slowest: Meter

  constructor(slowest: Meter, budget: KeyBudget) {
    this.slowest = slowest
    this.#budget = budget
    this.#width = cellsOf[slowest.algorithm]
    this.cells = new Float64Array(firstPlaces * this.#width)
  }

  place(key: string, now: Moment): number {
    fingerprint.read(key)
    const { low, high } = fingerprint
    const place = this.#index.find(low, high)
    return (place === 0 ? this.#newPlace(low, high, now) : place) * this.#width
  }

  find(key: string): number | null {
    fingerprint.read(key)
    const place = this.#index.find(fingerprint.low, fingerprint.high)
    return place === 0 ? null : place * this.#width
  }

  size(): number {
    return this.#index.size
  }

  /** Whether all that was taken, from any key, has come back. */
  isIdle(now: Moment): boolean {
    const time = this.#timeOf(now)
    for (let place = 0; place < this.#count; place++)
      if (!isBack(this.slowest, this.cells, place * this.#width, time)) return false
    return true
  }

  clear(): void {
    this.#budget.giveBack(this.#index.size)
  }

  #newPlace(low: number, high: number, now: Moment): number {
    this.#sweep(this.#timeOf(now), this.#budget.isSpent ? sweepSearch : sweepStep)
    if (this.#budget.isSpent) return 0
    if (this.#count > largeTable && this.#index.size < this.#count * usedPart) this.#shrink()
    const place = this.#free.pop() ?? this.#append()
    this.#isFree[place] = 0
    this.#index.add(place, low, high)
    this.#budget.take()
    return place
  }

  #append(): number {
    const place = this.#count++
    if (this.#count <= this.#isFree.length) return place
    const cells = new Float64Array(this.cells.length * 2)
    cells.set(this.cells)
    this.cells = cells
    const isFree = new Uint8Array(this.#isFree.length * 2)
    isFree.set(this.#isFree)
    this.#isFree = isFree
    return place
  }

  /** Moves the keys together, so that a flood that is over takes no memory. */
  #shrink(): void {
    const [index, cells, width] = [this.#index, this.cells, this.#width]
    let places = firstPlaces
    while (places < 2 * index.size) places *= 2
    this.#index = new PlaceIndex()
    this.cells = new Float64Array(places * width)
    this.cells.set(cells.subarray(0, width))
    let next = 1
    for (let place = 1; place < this.#count; place++) {
      if (this.#isFree[place] === 1) continue
      this.cells.set(cells.subarray(place * width, (place + 1) * width), next * width)
      this.#index.add(next++, index.low(place), index.high(place))
    }
    this.#free = []
    this.#isFree = new Uint8Array(places)
    this.#count = next
    this.#cursor = 0
  }

  #timeOf(now: Moment): number {
    return isAligned(this.slowest) ? now.wall : now.steady
  }

  /** Goes on where it stopped, so that no call looks at more than a few. */
  #sweep(time: number, steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#cursor = this.#cursor + 1 < this.#count ? this.#cursor + 1 : 0
      const at = this.#cursor * this.#width
      if (this.#cursor === 0 || this.#isFree[this.#cursor] === 1 || !isBack(this.slowest, this.cells, at, time))
        continue
      this.#index.remove(this.#cursor)
      this.cells.fill(0, at, at + this.#width)
      this.#isFree[this.#cursor] = 1
      this.#free.push(this.#cursor)
      this.#budget.giveBack(1)
    }
  }
}
