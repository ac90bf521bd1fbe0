import { note, type Note } from './findings.ts'
import type { References } from './references.ts'

const maxAnchors = 64

/** The anchors of several bundles together, and what was wrong with some of them. */
export interface TrustBundle {
  readonly anchors: readonly string[]
  readonly notes: readonly Note[]
}

/**
 * What a list of CA references trusts: the union of those that resolve. A reference that does not resolve adds nobody,
 * and when none does the bundle is empty and trusts nobody.
 *
 * @param at - JSON pointer to the list
 */
export function trustBundle(
  references: References,
  namespace: string,
  refs: readonly { readonly name: string }[],
  at: string,
): TrustBundle {
  const anchors = new Set<string>()
  const notes: Note[] = []
  refs.forEach((ref, index) => {
    const found = references.anchors(namespace, ref.name)
    if (found.ok) found.value.forEach((anchor) => anchors.add(anchor))
    else notes.push(note('ResolvedRefs', found.reason, `${at}/${index}`))
  })
  if (anchors.size <= maxAnchors) return { anchors: [...anchors], notes }
  return { anchors: [], notes: [...notes, note('ResolvedRefs', 'InvalidCertificate', at)] }
}
