import { listBytes } from './budget.ts'
import { note, type Note } from './findings.ts'
import { unresolvedNote, type References } from './references.ts'

const maxAnchors = 64

/** The anchors of several bundles together, and what was wrong with some of them. */
export interface TrustBundle {
  readonly anchors: readonly string[]
  /** The most bytes that the anchors take up in an update. */
  readonly bytes: number
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
  refs: readonly { readonly namespace?: string | undefined; readonly name: string }[],
  at: string,
): TrustBundle {
  const anchors = new Set<string>()
  const notes: Note[] = []
  let bytes = 0
  refs.forEach((ref, index) => {
    const found = references.anchors(ref.namespace ?? namespace, ref.name)
    if (!found.ok) return void notes.push(unresolvedNote(found, `${at}/${index}`))
    found.value.forEach((anchor) => anchors.add(anchor))
    bytes += listBytes(found.value)
  })
  if (anchors.size <= maxAnchors) return { anchors: [...anchors], bytes, notes }
  return { anchors: [], bytes: 0, notes: [...notes, note('ResolvedRefs', 'InvalidCertificate', at)] }
}
