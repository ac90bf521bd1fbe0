import { none } from './picker.ts'

/**
 * The cheaper of two places that are drawn at random: nearly as good as the cheapest of all, and unlike that not the
 * same for everybody who looks at the same moment.
 *
 * @param cost - Infinity = it must not be taken; only when both are so, all are looked at
 * @returns `none` when no place may be taken
 */
export function cheaperOfTwo(places: readonly number[], random: () => number, cost: (place: number) => number): number {
  if (places.length < 2) return cheapest(places, cost)
  const first = Math.floor(random() * places.length)
  const other = Math.floor(random() * (places.length - 1))
  const one = places[first]!
  const two = places[other < first ? other : other + 1]!
  const [costOfOne, costOfTwo] = [cost(one), cost(two)]
  if (costOfOne === Infinity && costOfTwo === Infinity) return cheapest(places, cost)
  return costOfTwo < costOfOne ? two : one
}

function cheapest(places: readonly number[], cost: (place: number) => number): number {
  let found = none
  let least = Infinity
  for (const place of places) {
    const price = cost(place)
    if (price >= least) continue
    least = price
    found = place
  }
  return found
}
