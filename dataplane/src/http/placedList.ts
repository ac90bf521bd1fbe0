/** Something that knows its place in a {@link PlacedList}. */
export interface Placed {
  /** Written by the list alone. */
  place: number
}

/**
 * Things that come and go by the thousand. A place that one has left is empty until the next takes it. A set would do, but it
 * leaves old tables behind that still point to things which are gone, and so makes all of them old before they can be
 * collected.
 */
export class PlacedList<T extends Placed> {
  readonly #places: (T | null)[] = []
  readonly #empty: number[] = []

  get size(): number {
    return this.#places.length - this.#empty.length
  }

  add(thing: T): void {
    thing.place = this.#empty.pop() ?? this.#places.length
    this.#places[thing.place] = thing
  }

  has(thing: T): boolean {
    return this.#places[thing.place] === thing
  }

  /** Nothing when it is not there. */
  delete(thing: T): void {
    if (!this.has(thing)) return
    this.#places[thing.place] = null
    this.#empty.push(thing.place)
  }

  /** Those that are there when they are come to. */
  *[Symbol.iterator](): Generator<T, void, void> {
    for (let place = 0; place < this.#places.length; place++) {
      const thing = this.#places[place] ?? null
      if (thing !== null) yield thing
    }
  }
}
