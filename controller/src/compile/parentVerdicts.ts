import { findingsOf, note, type Note } from './findings.ts'
import type { Parent } from './parents.ts'
import type { ParentVerdict } from './verdict.ts'

/** What there is to say about a served route, whatever the parent. */
export interface RouteNotes {
  /** Said of a parent with a listener that refuses plaintext credentials (M6). */
  readonly plaintext: readonly Note[]
  readonly notes: readonly Note[]
  /** Keys of the resources that the route needs. */
  readonly keys: readonly string[]
}

const refusesPlaintext = (parent: Parent): boolean =>
  parent.listeners.some(({ spec }) => spec.protocol === 'HTTP' && spec.plaintextCredentials === 'Refuse')

/** Why a parent does not accept a route; nothing when it does. */
export const refusalOf = (parent: Parent, { plaintext }: RouteNotes): readonly Note[] =>
  parent.notes.length > 0 ? parent.notes : refusesPlaintext(parent) ? plaintext : []

/** What a route that serves nothing cannot say. */
const unsaid = [note('ResolvedRefs', 'NotAccepted'), note('Protected', 'NotAccepted')]

/** The verdict over a route towards one parent. */
export function parentVerdict(parent: Parent, route: RouteNotes): ParentVerdict {
  const { ref, notes, listeners } = parent
  if (notes.length > 0 || listeners.length === 0) {
    return { ref, findings: findingsOf([...notes, ...unsaid]), resources: [] }
  }
  const refusal = refusalOf(parent, route)
  const accepted = refusal.length > 0 ? refusal : [note('Accepted', 'Accepted')]
  return { ref, findings: findingsOf([...accepted, ...route.notes]), resources: route.keys }
}
