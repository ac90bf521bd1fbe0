import { none, type Addresses, type Picker } from './picker.ts'

/** One place after the other. */
export function roundRobin({ inFlight }: Addresses, start: number): Picker {
  let turn: number | null = null
  return (places) => {
    turn ??= Math.floor(start * places.length)
    for (let tries = places.length; tries > 0; tries--) {
      turn = turn + 1 < places.length ? turn + 1 : 0
      const place = places[turn]!
      if (inFlight(place) < Infinity) return place
    }
    return none
  }
}
