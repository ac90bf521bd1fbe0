import type { GatewayRouteSpec } from '@gatehouse/crds'
import { dashed, mayChangeRequest, mayChangeResponse, type HeaderChange, type HeaderChanges } from '@gatehouse/contract'
import type { Hold } from './holds.ts'
import { memoised } from './memo.ts'

type ChangesSpec = NonNullable<GatewayRouteSpec['rules'][number]['requestHeaders']>
type Field = NonNullable<ChangesSpec['set']>[number]

/** Of names that differ in case alone the first counts. */
function fieldsOf(fields: readonly Field[]): HeaderChanges['set'] {
  const byName = new Map<string, string>()
  for (const { name, value } of fields) if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), value)
  return [...byName].map(([name, value]) => ({ name, value }))
}

const changesIn = memoised((spec: ChangesSpec): HeaderChanges => ({
  set: fieldsOf(spec.set ?? []),
  add: fieldsOf(spec.add ?? []),
  remove: [...new Set((spec.remove ?? []).map((name) => name.toLowerCase()))],
}))

/** @returns null when nothing changes */
export const headerChangesOf = (spec: ChangesSpec | undefined): HeaderChanges | null =>
  spec === undefined ? null : changesIn(spec)

/** The header sections that a rule or a backend may change. */
export interface SectionsSpec {
  readonly requestHeaders?: ChangesSpec | undefined
  readonly responseHeaders?: ChangesSpec | undefined
}

/** Names that a route may not write, beside those that nobody may. */
export interface TakenNames {
  /** Dashed. */
  readonly inRequests: ReadonlySet<string>
  readonly inResponses: ReadonlySet<string>
}

type May = (name: string, change: HeaderChange) => boolean

function refusedIn(spec: ChangesSpec | undefined, at: string, may: May): readonly string[] {
  const fields = (list: 'set' | 'add') =>
    (spec?.[list] ?? []).flatMap(({ name }, index) => (may(name, 'write') ? [] : [`${at}/${list}/${index}`]))
  const removed = (spec?.remove ?? []).flatMap((name, index) => (may(name, 'remove') ? [] : [`${at}/remove/${index}`]))
  return [...fields('set'), ...fields('add'), ...removed]
}

/** Where a route changes what it may not. @param at - JSON pointer to the rule or the backend */
export const refusedChanges = (spec: SectionsSpec, at: string, taken: TakenNames): readonly string[] => [
  ...refusedIn(spec.requestHeaders, `${at}/requestHeaders`, (name, change) =>
    mayChangeRequest(name, change, taken.inRequests),
  ),
  ...refusedIn(spec.responseHeaders, `${at}/responseHeaders`, (name, change) =>
    mayChangeResponse(name, change, taken.inResponses),
  ),
]

/** Dashed names that only the gateway writes into requests of a route, and those in which its policies look for credentials. */
export function takenNames(identityHeaders: Iterable<string>, holds: readonly Hold[]): ReadonlySet<string> {
  const names = holds.flatMap(({ spec }) =>
    (spec?.authentication?.anyOf ?? []).flatMap(({ jwt, apiKey, introspection }) =>
      [jwt, apiKey, introspection].flatMap((method) => (method?.from ?? []).flatMap(({ header }) => header ?? [])),
    ),
  )
  return new Set([...identityHeaders, ...names].map(dashed))
}
