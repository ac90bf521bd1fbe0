import type { Fleet } from '../state/fleet.ts'
import type { Meter } from './meter.ts'

/**
 * This data plane's part of a meter that all of them divide, whatever that is at the moment: counts go on when it changes,
 * as they do when a limit is edited (M16).
 */
export class DividedMeter implements Meter {
  readonly algorithm: Meter['algorithm']
  readonly tick: number
  readonly ticks: number
  readonly calendar: Meter['calendar']
  readonly #whole: Meter
  readonly #least: number
  readonly #fleet: Pick<Fleet, 'share'>

  /** @param least - what a part is at least, where the whole is: the cost of one request */
  constructor(whole: Meter, least: number, fleet: Pick<Fleet, 'share'>) {
    this.algorithm = whole.algorithm
    this.tick = whole.tick
    this.ticks = whole.ticks
    this.calendar = whole.calendar
    this.#whole = whole
    this.#least = least
    this.#fleet = fleet
  }

  get limit(): number {
    return this.#part(this.#whole.limit)
  }

  get burst(): number {
    return this.#part(this.#whole.burst)
  }

  #part(whole: number): number {
    return Math.max(Math.min(whole, this.#least), this.#fleet.share(whole))
  }
}
