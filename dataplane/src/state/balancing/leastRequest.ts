import type { Addresses, Picker } from './picker.ts'
import { cheaperOfTwo } from './twoChoices.ts'

/** Of two places drawn at random the one with fewer requests under way. */
export const leastRequest =
  ({ inFlight }: Addresses): Picker =>
  (places, { random }) =>
    cheaperOfTwo(places, random, inFlight)
