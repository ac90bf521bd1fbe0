interface Seen {
  readonly state: number
  /** Monotonic, milliseconds. */
  readonly since: number
}

/** Tells for how long nothing has moved, from looks that are taken again and again. */
export class Stillness {
  readonly #seen = new WeakMap<object, Seen>()

  /**
   * @param state - grows or shrinks when something moves; null = it does not have to
   * @param now - monotonic, milliseconds
   * @returns milliseconds for which this thing has been in this state; 0 when it does not have to move
   */
  lasted(thing: object, state: number | null, now: number): number {
    const seen = this.#seen.get(thing)
    if (state === null) this.#seen.delete(thing)
    else if (seen?.state === state) return now - seen.since
    else this.#seen.set(thing, { state, since: now })
    return 0
  }
}
