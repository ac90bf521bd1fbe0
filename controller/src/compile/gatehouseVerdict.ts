import { group } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { findingsOf, note, type Note } from './findings.ts'
import type { Installation } from './gatehouse.ts'
import type { CompiledRoute } from './servedRoute.ts'
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

/** What there is to say about a Gatehouse as a whole and about each of its listeners. */
export function gatehouseVerdict(
  object: WorldObject,
  installation: Installation,
  { routes, crowded }: { readonly routes: readonly CompiledRoute[]; readonly crowded: boolean },
): Verdict {
  const { namespace, name, uid, generation } = object.meta
  const own = installation.listeners ?? []
  const listeners = own.map(({ spec, notes, keys }) => ({
    name: spec.name,
    attachedRoutes: routes.filter(({ acceptedOn }) => acceptedOn.has(spec.name)).length,
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
