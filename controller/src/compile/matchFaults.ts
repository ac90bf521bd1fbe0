import type { GatewayRouteSpec } from '@gatehouse/crds'
import { note, type Note } from './findings.ts'
import { isUnderstood } from './pathNames.ts'

type Match = NonNullable<GatewayRouteSpec['rules'][number]['matches']>[number]

/** Where in a match is what nobody understands. */
function placesIn({ path, headers, queryParams }: Match): readonly string[] {
  const inList = (key: string, values: Match['headers'] = []): string[] =>
    values.flatMap((one, index) => (isUnderstood(one) ? [] : [`${key}/${index}/value`]))
  return [
    ...(path && !isUnderstood(path) ? ['path'] : []),
    ...inList('headers', headers),
    ...inList('queryParams', queryParams),
  ]
}

/** Matches of a route that nobody understands: what they could have been for is refused (M7). */
export function matchFaults(rules: GatewayRouteSpec['rules']): readonly Note[] {
  const places = rules.flatMap(({ matches }, rule) =>
    (matches ?? []).flatMap((match, index) =>
      placesIn(match).map((place) => `/spec/rules/${rule}/matches/${index}/${place}`),
    ),
  )
  return places.length > 0 ? [note('PartiallyInvalid', 'InvalidPath', ...places)] : []
}
