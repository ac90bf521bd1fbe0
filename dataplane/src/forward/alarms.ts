import { maxTimer } from '@gatehouse/contract'

/** Whoever is to look again at some moment. */
export interface Sleeper {
  /** Its alarm has fired and is gone. It may have been too early: then it takes another. */
  wake(): void
}

/** A timer that is under way, and who has it. */
export class Alarm {
  /** Monotonic milliseconds. */
  readonly due: number
  /** null = nobody has it. */
  sleeper: Sleeper | null
  /** Among those that nobody has. */
  place = -1
  readonly timer: NodeJS.Timeout

  /** @param now - monotonic milliseconds @param delay - milliseconds, no more than a timer takes */
  constructor(now: number, delay: number, sleeper: Sleeper, fired: (alarm: Alarm) => void) {
    this.due = now + delay
    this.sleeper = sleeper
    this.timer = setTimeout(fired, delay, this).unref()
  }
}

/** Most timers that run on without anybody. */
const maxSpare = 1000

/**
 * Timers for what is mostly over long before its time. One that is given back runs on, and goes to the next for whom it
 * does not fire too late: so a timer is set each time that one fires, and not for each request.
 */
export class Alarms {
  readonly #spare: Alarm[] = []

  /**
   * @param due - when it wakes at the latest, but for a timer's own delay; monotonic milliseconds
   * @param now - monotonic milliseconds
   */
  take(due: number, now: number, sleeper: Sleeper): Alarm {
    const newest = this.#spare.at(-1)
    if (newest === undefined || newest.due > due) {
      const delay = Math.min(Math.max(1, Math.ceil(due - now)), maxTimer)
      return new Alarm(now, delay, sleeper, this.#fired)
    }
    this.#spare.pop()
    newest.sleeper = sleeper
    return newest
  }

  /** Gives back an alarm that has not fired; it wakes its sleeper no more. */
  give(alarm: Alarm): void {
    alarm.sleeper = null
    if (this.#spare.length === maxSpare) clearTimeout(alarm.timer)
    else alarm.place = this.#spare.push(alarm) - 1
  }

  readonly #fired = (alarm: Alarm): void => {
    if (alarm.sleeper !== null) {
      alarm.sleeper.wake()
      return
    }
    const last = this.#spare.pop()
    if (last === undefined || last === alarm) return
    last.place = alarm.place
    this.#spare[alarm.place] = last
  }
}
