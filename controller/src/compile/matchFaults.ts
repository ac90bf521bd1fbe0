import type { GatewayRouteSpec } from '@gatehouse/crds'
import { regexBytes } from './budget.ts'
import { memoised } from './memo.ts'
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

/** What the regular expressions of a route's matches count in the budget, also those that are none. */
export const matchBytes = memoised((rules: GatewayRouteSpec['rules']): number =>
  regexBytes(
    rules.flatMap(({ matches }) =>
      (matches ?? []).flatMap(({ path, headers, queryParams }) =>
        [path, ...(headers ?? []), ...(queryParams ?? [])].flatMap((one) =>
          one?.type === 'RegularExpression' ? [one.value] : [],
        ),
      ),
    ),
  ),
)

/** Matches of a route that nobody understands: what they could have been for is refused (M7). */
export const matchFaults = memoised((rules: GatewayRouteSpec['rules']): readonly Note[] => {
  const places = rules.flatMap(({ matches }, rule) =>
    (matches ?? []).flatMap((match, index) =>
      placesIn(match).map((place) => `/spec/rules/${rule}/matches/${index}/${place}`),
    ),
  )
  return places.length > 0 ? [note('PartiallyInvalid', 'InvalidPath', ...places)] : []
})
