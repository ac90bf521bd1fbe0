import type { Endpoint } from '@gatehouse/contract'

/** What of an endpoint says when it is to be asked. */
type Placed = Pick<Endpoint, 'zones' | 'draining'>

/** The places of those that are asked at all: what is about to end only while there is nothing else. */
export function askedOf(endpoints: readonly Placed[]): readonly number[] {
  const all = [...endpoints.keys()]
  const lasting = all.filter((place) => endpoints[place]?.draining === false)
  return lasting.length > 0 ? lasting : all
}

/**
 * Of some places those that are meant for a zone, by the rule of kube-proxy: all, unless each of them says for which
 * zones it is and at least one is for this zone. Hints are given in proportion to what zones can take, so to heed them
 * here and not there would send too much to some.
 *
 * @param zone - of this data plane; null = not known
 */
export function nearestOf(
  endpoints: readonly Placed[],
  places: readonly number[],
  zone: string | null,
): readonly number[] {
  const zonesOf = (place: number): readonly string[] => endpoints[place]?.zones ?? []
  if (zone === null || places.some((place) => zonesOf(place).length === 0)) return places
  const near = places.filter((place) => zonesOf(place).includes(zone))
  return near.length > 0 ? near : places
}
