import { maxOpenCircuits, type OpenCircuit } from '@gatehouse/contract'
import type { Clock } from './clock.ts'
import { breakerOwner, type BreakerState } from './state/breakers.ts'

/** Milliseconds between two reports: whoever writes a route decides how often its breaker moves. */
const interval = 30_000

export interface CircuitReportsOptions {
  /** The state of each breaker. */
  readonly states: () => Iterable<{ readonly key: string; readonly state: BreakerState }>
  /** Called when something else is to be reported. */
  readonly changed: () => void
  readonly clock: Clock
}

/** What a data plane reports of its circuits: the same until a while has passed, and no more than can be read. */
export class CircuitReports {
  readonly #options: CircuitReportsOptions
  #reported: readonly OpenCircuit[] = []
  /** Monotonic time of the last look: it goes through all breakers. */
  #at = -Infinity
  #timer: NodeJS.Timeout | null = null

  constructor(options: CircuitReportsOptions) {
    this.#options = options
  }

  /** Those that are open, or tried again, sorted; a bounded number of them. */
  get open(): readonly OpenCircuit[] {
    return this.#reported
  }

  /** To be called when a breaker may have moved. */
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
    const { states, changed, clock } = this.#options
    this.#timer = null
    this.#at = clock.monotonic()
    const keys = [...states()].flatMap(({ key, state }) => (state === 'closed' ? [] : [key])).sort()
    const open = keys.slice(0, maxOpenCircuits).map(breakerOwner)
    if (JSON.stringify(open) === JSON.stringify(this.#reported)) return
    this.#reported = open
    changed()
  }
}
