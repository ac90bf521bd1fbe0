/**
 * Shares the thread that serves everybody: what would make one turn of the event loop long waits for the next, and whoever
 * has worked least goes first. Nothing is refused, and whoever is alone waits for nobody.
 */
export interface Turns {
  /**
   * Does the work now, or in a later turn when this one has been long enough.
   *
   * @param owner - whose work it is; asked only when it has to wait
   * @param work - never throws
   */
  take(owner: () => string, work: () => void): void
}

/** Milliseconds of work in one turn, after which all other waits. */
const slice = 5
/** Milliseconds that are not worth an end of the turn. */
const trifle = 1

type Work = () => void

/** @param now - monotonic milliseconds */
export const createTurns = (now: () => number): Turns => new LoopTurns(now)

class LoopTurns implements Turns {
  readonly #now: () => number
  readonly #waiting = new Map<string, Work[]>()
  /** Milliseconds by owner since somebody last had to wait. */
  readonly #used = new Map<string, number>()
  /** What the owner that was served last had used before: nobody who waited had used less. */
  #least = 0
  /** Milliseconds of this turn. */
  #spent = 0
  #ending = false

  constructor(now: () => number) {
    this.#now = now
  }

  take(owner: () => string, work: Work): void {
    if (this.#spent < slice && this.#waiting.size === 0) {
      this.#run(work)
      return
    }
    const name = owner()
    const queue = this.#waiting.get(name)
    if (queue === undefined) this.#join(name, work)
    else queue.push(work)
    this.#end()
  }

  /** Whoever comes late begins level with the others: turns that it did not need are not owed to it. */
  #join(name: string, work: Work): void {
    this.#waiting.set(name, [work])
    if ((this.#used.get(name) ?? 0) < this.#least) this.#used.set(name, this.#least)
  }

  #run(work: Work): void {
    const begun = this.#now()
    work()
    this.#spent += this.#now() - begun
    if (this.#spent > trifle) this.#end()
  }

  /** Lets the next turn begin when this one is over. */
  #end(): void {
    if (this.#ending) return
    this.#ending = true
    setImmediate(() => {
      this.#ending = false
      this.#spent = 0
      while (this.#spent < slice && this.#waiting.size > 0) this.#serve()
      if (this.#waiting.size > 0) this.#end()
      else this.#forget()
    })
  }

  #forget(): void {
    this.#used.clear()
    this.#least = 0
  }

  #serve(): void {
    const [name, queue] = this.#next()
    this.#least = this.#used.get(name) ?? 0
    const work = queue.shift()!
    if (queue.length === 0) this.#waiting.delete(name)
    const before = this.#spent
    this.#run(work)
    this.#used.set(name, (this.#used.get(name) ?? 0) + this.#spent - before)
  }

  /** Who has worked least; of several, who has waited longest. */
  #next(): readonly [string, Work[]] {
    let least: readonly [string, Work[]] | null = null
    let use = Infinity
    for (const entry of this.#waiting) {
      const used = this.#used.get(entry[0]) ?? 0
      if (used >= use) continue
      use = used
      least = entry
    }
    return least!
  }
}
