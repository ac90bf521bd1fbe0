import type { Clock } from '../clock.ts'
import { sameJson } from '../compile/memo.ts'
import type { SessionState } from '../push/sessions.ts'
import type { Fleet } from './fleet.ts'
import { figuresOf, type FleetFigures } from './fleetFigures.ts'

/** Times in milliseconds. */
export interface Pace {
  /** Between two statements that differ. */
  readonly interval: number
  /** That a change may ripen, so that what data planes answer at once is in the same statement. */
  readonly settle: number
  /** After which a data plane that took nothing new counts as behind. */
  readonly patience: number
}

const usual: Pace = { interval: 5_000, settle: 300, patience: 3_000 }

export interface FleetPaceOptions {
  readonly clock: Clock
  /** Called when there may be something new to say of the same fleet. */
  readonly again: () => void
  readonly pace?: Pace
}

/** When each data plane began to lack the newest revision, or last took one meanwhile; those that have it are not in it. */
type Lacking = ReadonlyMap<string, { readonly revision: string | null; readonly since: number }>

function lackingIn({ sessions, revision: newest }: Fleet, before: Lacking, now: number): Lacking {
  const lacking = sessions.filter(({ revision }) => revision !== newest)
  return new Map(
    lacking.map(({ instance, revision }) => {
      const known = before.get(instance)
      return [instance, known?.revision === revision ? known : { revision, since: now }]
    }),
  )
}

/**
 * Says of a fleet what people and status need, at a pace that does not follow every revision: with fifty changes a
 * second each data plane is always one behind, and a statement for each would be a write for each.
 */
export class FleetPace {
  readonly #options: FleetPaceOptions
  readonly #pace: Pace
  #said: { readonly figures: FleetFigures; readonly at: number } | null = null
  /** Since when there is something else to say. */
  #ripening: number | null = null
  #lacking: Lacking = new Map()
  #timer: NodeJS.Timeout | null = null

  constructor(options: FleetPaceOptions) {
    this.#options = options
    this.#pace = options.pace ?? usual
  }

  /** The fleet with what is said of it for now. */
  paced(fleet: Fleet): Fleet {
    const now = this.#options.clock.monotonic()
    this.#lacking = lackingIn(fleet, this.#lacking, now)
    const figures = figuresOf(fleet, (session) => this.#isLate(session, now))
    const said = this.#said
    if (said === null) this.#say(figures, -Infinity)
    else if (sameJson(figures, said.figures)) this.#ripening = null
    else if (now >= this.#due(said.at, now)) this.#say(figures, now)
    this.#plan(now)
    return { ...fleet, said: this.#said!.figures }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #say(figures: FleetFigures, at: number): void {
    this.#said = { figures, at }
    this.#ripening = null
  }

  #due(saidAt: number, now: number): number {
    this.#ripening ??= now
    return Math.max(saidAt + this.#pace.interval, this.#ripening + this.#pace.settle)
  }

  #isLate({ instance }: SessionState, now: number): boolean {
    const lacking = this.#lacking.get(instance)
    return lacking !== undefined && now - lacking.since >= this.#pace.patience
  }

  /** Plans to look again when the next thing ripens. */
  #plan(now: number): void {
    const { interval, settle, patience } = this.#pace
    const ripe = this.#ripening === null ? [] : [Math.max(this.#said!.at + interval, this.#ripening + settle)]
    const late = [...this.#lacking.values()].map(({ since }) => since + patience).filter((at) => at > now)
    const next = Math.min(...ripe, ...late)
    this.close()
    if (next !== Infinity) this.#timer = setTimeout(this.#options.again, Math.ceil(next - now))
  }
}
