import { byText } from './byKey.ts'
import { sortedSealed, type Sealed } from './seal.ts'

/** What one source of resources gave before, and what it gives now; each sorted by key. */
export interface Change {
  readonly before: readonly Sealed[]
  readonly after: readonly Sealed[]
}

/** The resources of all sources. */
export interface Assembly {
  /** Sorted by key, each once. */
  readonly sealed: readonly Sealed[]
  /** Whether two sources gave resources of the same key: then the later source prevails. */
  readonly clashes: boolean
}

/** @param sources - each has each key once */
export function assembled(sources: readonly (readonly Sealed[])[]): Assembly {
  const all = sources.flat()
  const sealed = sortedSealed(all)
  return { sealed, clashes: sealed.length < all.length }
}

interface Edit {
  readonly key: string
  readonly was: boolean
  /** null = it is gone. */
  readonly sealed: Sealed | null
}

function* editsOf({ before, after }: Change): Generator<Edit> {
  let at = 0
  for (const sealed of after) {
    for (let old = before[at]; old && old.key < sealed.key; old = before[++at]) {
      yield { key: old.key, was: true, sealed: null }
    }
    const old = before[at]
    const was = old?.key === sealed.key
    if (was) at += 1
    if (old !== sealed) yield { key: sealed.key, was, sealed }
  }
  for (const { key } of before.slice(at)) yield { key, was: true, sealed: null }
}

/**
 * The same as {@link assembled} of all sources, made from what there was before.
 *
 * @returns null when a key would be that of two sources
 */
export function reassembled({ sealed: before }: Assembly, changes: readonly Change[]): Assembly | null {
  const edits = changes.flatMap((change) => [...editsOf(change)]).sort((a, b) => byText(a.key, b.key))
  const sealed: Sealed[] = []
  let at = 0
  for (const edit of edits) {
    for (let old = before[at]; old && old.key < edit.key; old = before[++at]) sealed.push(old)
    const stands = before[at]?.key === edit.key
    if (stands !== edit.was || sealed.at(-1)?.key === edit.key) return null
    if (stands) at += 1
    if (edit.sealed) sealed.push(edit.sealed)
  }
  for (; at < before.length; at += 1) sealed.push(before[at]!)
  return { sealed, clashes: false }
}
