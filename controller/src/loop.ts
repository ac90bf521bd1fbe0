import type { Clock } from './clock.ts'

/**
 * Runs a task after something changed: at once when idle, and otherwise once for all that changed meanwhile, at least
 * `gap` milliseconds after the last run ended. It queues no events: the task looks at the present state.
 */
export class Loop {
  readonly #task: () => void
  readonly #clock: Clock
  readonly #gap: number
  #timer: NodeJS.Timeout | null = null
  #ended = -Infinity
  #closed = false

  constructor(task: () => void, clock: Clock, gap: number) {
    this.#task = task
    this.#clock = clock
    this.#gap = gap
  }

  /** Something changed. Never runs the task before it returns. */
  mark(): void {
    if (this.#timer !== null || this.#closed) return
    const wait = Math.max(0, this.#ended + this.#gap - this.#clock.monotonic())
    this.#timer = setTimeout(() => this.#run(), wait)
  }

  /** Runs the task no more, whatever changes. */
  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #run(): void {
    this.#timer = null
    try {
      this.#task()
    } finally {
      this.#ended = this.#clock.monotonic()
    }
  }
}
