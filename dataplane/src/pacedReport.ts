import type { Clock } from './clock.ts'

/** Milliseconds between two reports: what is reported may move as fast as others like. */
const interval = 30_000

export interface PacedReportOptions<T> {
  /** What is reported before the first look. */
  readonly initial: T
  /** What there is to report now. */
  readonly read: () => T
  /** Called when something else is to be reported. */
  readonly changed: () => void
  readonly clock: Clock
}

/** What a data plane reports of something that moves by itself: the same until a while has passed. */
export class PacedReport<T> {
  readonly #options: PacedReportOptions<T>
  #reported: T
  /** Monotonic time of the last look: a look may cost something. */
  #at = -Infinity
  #timer: NodeJS.Timeout | null = null

  constructor(options: PacedReportOptions<T>) {
    this.#options = options
    this.#reported = options.initial
  }

  get reported(): T {
    return this.#reported
  }

  /** To be called when there may be something else to report. */
  moved(): void {
    if (this.#timer !== null) return
    const wait = this.#at + interval - this.#options.clock.monotonic()
    if (wait <= 0) this.#look()
    else this.#timer = setTimeout(() => this.#look(), Math.ceil(wait)).unref()
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #look(): void {
    const { read, changed, clock } = this.#options
    this.#timer = null
    this.#at = clock.monotonic()
    const found = read()
    if (JSON.stringify(found) === JSON.stringify(this.#reported)) return
    this.#reported = found
    changed()
  }
}
