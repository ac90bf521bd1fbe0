import { sharedMap } from '@gatehouse/contract'
import { sortedSealed, type Sealed } from './seal.ts'

/** What one source of resources gave before, and what it gives now; each sorted by key. */
export interface Change {
  readonly before: readonly Sealed[]
  readonly after: readonly Sealed[]
}

/** The resources of all sources, and what is not as it was before. */
export interface Assembly {
  readonly all: ReadonlyMap<string, Sealed>
  /** New or different ones, sorted by key. */
  readonly set: readonly Sealed[]
  /** Keys of those that are gone. */
  readonly removed: readonly string[]
  /** Whether two sources gave resources of the same key: then the later source prevails. */
  readonly clashes: boolean
}

/** Before the first. */
export const nothingAssembled: Assembly = { all: new Map(), set: [], removed: [], clashes: false }

const differs = (old: Sealed | undefined, { resource }: Sealed): boolean => old?.resource.hash !== resource.hash

/** @param sources - each has each key once */
export function assembled(sources: readonly (readonly Sealed[])[], { all: before }: Assembly): Assembly {
  const given = sources.flat()
  const all = new Map(given.map((sealed) => [sealed.key, sealed]))
  return {
    all,
    set: sortedSealed([...all.values()].filter((sealed) => differs(before.get(sealed.key), sealed))),
    removed: [...before.keys()].filter((key) => !all.has(key)),
    clashes: all.size < given.length,
  }
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
    if (!was || differs(old, sealed)) yield { key: sealed.key, was, sealed }
  }
  for (const { key } of before.slice(at)) yield { key, was: true, sealed: null }
}

/**
 * The same as {@link assembled} of all sources, at the cost of what changed.
 *
 * @returns null when a key would be that of two sources
 */
export function reassembled({ all: before }: Assembly, changes: readonly Change[]): Assembly | null {
  const edits = new Map<string, Edit>()
  for (const edit of changes.flatMap((change) => [...editsOf(change)])) {
    if (edits.has(edit.key) || edit.was !== before.has(edit.key)) return null
    edits.set(edit.key, edit)
  }
  const set = sortedSealed([...edits.values()].flatMap(({ sealed }) => sealed ?? []))
  const removed = [...edits.values()].flatMap(({ key, sealed }) => (sealed ? [] : [key]))
  const all = sharedMap(
    before,
    removed,
    set.map((sealed) => [sealed.key, sealed] as const),
  )
  return { all: edits.size === 0 ? before : all, set, removed, clashes: false }
}
