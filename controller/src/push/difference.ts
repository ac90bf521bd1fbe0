import type { Snapshot, Update } from '@gatehouse/contract'

/** What turns `base` into `target`: everything of `target` when `base` is null. */
export function difference(
  base: Snapshot | null,
  target: Snapshot,
): Pick<Update, 'base' | 'revision' | 'set' | 'removed'> {
  if (base === null) return { base: null, revision: target.revision, set: [...target.resources.values()], removed: [] }
  const set = [...target.resources].filter(([key, { hash }]) => base.resources.get(key)?.hash !== hash)
  const removed = [...base.resources.keys()].filter((key) => !target.resources.has(key))
  return { base: base.revision, revision: target.revision, set: set.map(([, resource]) => resource), removed }
}
