import type { Clock } from '../clock.ts'
import type { SessionState } from '../push/sessions.ts'

/** Milliseconds between two statements that differ. */
const interval = 30_000

export interface SlowPaceOptions<T> {
  /** What the data planes say together at one moment. */
  readonly of: (sessions: readonly SessionState[]) => T
  /** Milliseconds that a change may ripen, so that what all say at about the same time is in one statement. */
  readonly settle: number
  readonly clock: Clock
  /** Called when there may be something new to say of the same sessions. */
  readonly again: () => void
}

/** Says something else of the same every half minute at most: each change is a write, and data planes choose when. */
export class SlowPace<T extends Iterable<unknown>> {
  readonly #options: SlowPaceOptions<T>
  #said: { readonly value: T; readonly text: string; readonly at: number } | null = null
  /** Since when there is something else to say. */
  #ripening: number | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(options: SlowPaceOptions<T>) {
    this.#options = options
  }

  /** What is said for now. */
  paced(sessions: readonly SessionState[]): T {
    this.close()
    const value = this.#options.of(sessions)
    const text = JSON.stringify([...value])
    const now = this.#options.clock.monotonic()
    this.#said ??= { value, text, at: -Infinity }
    if (text === this.#said.text) {
      this.#ripening = null
      return this.#said.value
    }
    this.#ripening ??= now
    const wait = Math.max(this.#said.at + interval, this.#ripening + this.#options.settle) - now
    if (wait > 0) {
      this.#timer = setTimeout(this.#options.again, Math.ceil(wait))
      return this.#said.value
    }
    this.#said = { value, text, at: now }
    this.#ripening = null
    return value
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
