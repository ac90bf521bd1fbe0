import type { Clock } from '../clock.ts'
import { circuitsOf, type Circuits } from './circuits.ts'
import type { Fleet } from './fleet.ts'
import { FleetPace } from './fleetPace.ts'
import { SlowPace } from './slowPace.ts'
import { storeOutageOf, type StoreOutage } from './storeOutage.ts'

export interface PacesOptions {
  readonly clock: Clock
  /** Called when there may be something new to say of the same fleet. */
  readonly again: () => void
}

/** Milliseconds in which the data planes of an installation notice that their store is gone. */
const noticing = 2_000

/** Says of data planes, of their circuits and of their store no more than the pace of each allows. */
export class Paces {
  readonly #figures: FleetPace
  readonly #circuits: SlowPace<Circuits>
  readonly #storeOutage: SlowPace<StoreOutage>

  constructor(options: PacesOptions) {
    this.#figures = new FleetPace(options)
    this.#circuits = new SlowPace({ ...options, of: circuitsOf, settle: 0 })
    this.#storeOutage = new SlowPace({ ...options, of: storeOutageOf, settle: noticing })
  }

  /** The fleet with what is said of it for now. */
  paced(fleet: Fleet): Fleet {
    const { sessions } = fleet
    return {
      ...this.#figures.paced(fleet),
      circuits: this.#circuits.paced(sessions),
      storeOutage: this.#storeOutage.paced(sessions),
    }
  }

  close(): void {
    for (const one of [this.#figures, this.#circuits, this.#storeOutage]) one.close()
  }
}
