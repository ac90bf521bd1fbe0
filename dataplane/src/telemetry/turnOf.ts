/**
 * Does what one turn of the event loop brings at its end, one after the other: the same work costs about half as much when
 * its code and data are still in the caches from the one before.
 */
export class TurnOf<T> {
  readonly #work: (one: T) => void
  #waiting: T[] = []

  /** @param work - never throws */
  constructor(work: (one: T) => void) {
    this.#work = work
  }

  add(one: T): void {
    if (this.#waiting.push(one) === 1) setImmediate(() => this.end())
  }

  /** Does what waits now. */
  end(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    for (const one of waiting) this.#work(one)
  }
}
