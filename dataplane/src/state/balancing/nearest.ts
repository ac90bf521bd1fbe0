import type { Endpoint } from '@gatehouse/contract'

/** What of an endpoint says when it is to be asked. */
type Placed = Pick<Endpoint, 'zones' | 'draining'>

/** Those that are asked at all: what is about to end only while there is nothing else. */
export function asked<E extends Placed>(endpoints: readonly E[]): readonly E[] {
  const lasting = endpoints.filter(({ draining }) => !draining)
  return lasting.length > 0 && lasting.length < endpoints.length ? lasting : endpoints
}

/**
 * Those that are meant for a zone, by the rule of kube-proxy: all, unless each of them says for which zones it is and at
 * least one is for this zone. Hints are given in proportion to what zones can take, so to heed them here and not there
 * would send too much to some.
 *
 * @param zone - of this data plane; null = not known
 */
export function nearest<E extends Placed>(endpoints: readonly E[], zone: string | null): readonly E[] {
  if (zone === null || endpoints.some(({ zones }) => zones.length === 0)) return endpoints
  const near = endpoints.filter(({ zones }) => zones.includes(zone))
  return near.length > 0 ? near : endpoints
}
