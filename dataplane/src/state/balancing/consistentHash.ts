import { mix32 } from './hash32.ts'
import { leastRequest } from './leastRequest.ts'
import { none, type Addresses, type Picker } from './picker.ts'

/** How much more than the average a place may have under way. */
const bound = 1.25
/** So many requests at once are never too many: where there are few in all, the average says nothing. */
const floor = 8

/**
 * The same place for the same key: the one whose seed scores highest with it (rendezvous hashing). It needs no table, is
 * the same in every data plane, and when a place goes only its own keys move, each to the next that scores highest; when
 * one comes it takes its share of each. A place that has more under way than its bound is passed over (consistent hashing
 * with bounded loads, Mirrokni et al.), so that no key can fill a place. Without a key, the place with fewer requests of
 * two.
 */
export function consistentHash(addresses: Addresses): Picker {
  const { inFlight } = addresses
  const withoutKey = leastRequest(addresses)
  return (places, draw) => {
    const { key } = draw
    if (key === null) return withoutKey(places, draw)
    const owner = best(places, key, addresses, Infinity)
    if (owner === none || inFlight(owner) < floor) return owner
    return best(places, key, addresses, Math.max(floor, bound * averageOf(places, inFlight)))
  }
}

/** The place that scores highest of those that have fewer requests under way than the limit. */
function best(places: readonly number[], key: number, { inFlight, seed }: Addresses, limit: number): number {
  let found = none
  let highest = -1
  for (const place of places) {
    const score = mix32(key ^ seed(place))
    if (score <= highest || inFlight(place) >= limit) continue
    highest = score
    found = place
  }
  return found
}

/** Requests at a place, with the one that is to come. */
function averageOf(places: readonly number[], inFlight: Addresses['inFlight']): number {
  let sum = 1
  let open = 0
  for (const place of places) {
    const count = inFlight(place)
    if (count === Infinity) continue
    sum += count
    open++
  }
  return sum / open
}
