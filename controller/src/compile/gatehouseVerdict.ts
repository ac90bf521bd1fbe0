import { group } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { findingsOf, note, type Note } from './findings.ts'
import type { Installation } from './gatehouse.ts'
import type { Finding, Verdict } from './verdict.ts'

const speaksOf = (notes: readonly Note[], type: Note['type']): boolean => notes.some((one) => one.type === type)

/** Findings of something that is accepted and resolved unless a note says otherwise. */
function findings(notes: readonly Note[]): readonly Finding[] {
  const refused = speaksOf(notes, 'Accepted')
  return findingsOf([
    ...(refused ? [] : [note('Accepted', 'Accepted')]),
    ...(refused ? [note('ResolvedRefs', 'NotAccepted')] : []),
    ...(refused || speaksOf(notes, 'ResolvedRefs') ? [] : [note('ResolvedRefs', 'ResolvedRefs')]),
    ...notes,
  ])
}

/** What the routes of all namespaces come to. */
export interface Routes {
  /** How many a listener serves. */
  readonly attached: (listener: string) => number
  /** Whether all namespaces together asked for more than there is, so that some got less than their bounds. */
  readonly crowded: boolean
}

/** What there is to say about a Gatehouse as a whole and about each of its listeners. */
export function gatehouseVerdict(
  object: WorldObject,
  installation: Installation,
  { attached, crowded }: Routes,
): Verdict {
  const { namespace, name, uid, generation } = object.meta
  const own = installation.listeners ?? []
  const listeners = own.map(({ spec, notes, keys }) => ({
    name: spec.name,
    attachedRoutes: attached(spec.name),
    findings: findings(notes),
    resources: keys,
  }))
  const resources = [...new Set(installation.resources.map(({ key }) => key))].sort()
  const parent = {
    ref: { group, kind: 'Gatehouse', namespace, name },
    findings: findings([
      ...installation.notes,
      ...own.flatMap(({ notes }) => notes),
      ...(crowded ? [note('PartiallyInvalid', 'BudgetExceeded')] : []),
    ]),
    // Without all of its listeners the installation as a whole does not serve.
    resources: own.every(({ open }) => open) ? resources : [],
  }
  return { kind: 'Gatehouse', namespace, name, uid, generation, parents: [parent], listeners, resources }
}
