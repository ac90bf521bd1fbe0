import { differingKeys, type Snapshot, type Update } from '@gatehouse/contract'

/** What turns `base` into `target`: everything of `target` when `base` is null. */
export function difference(
  base: Snapshot | null,
  target: Snapshot,
): Pick<Update, 'base' | 'revision' | 'set' | 'removed'> {
  if (base === null) return { base: null, revision: target.revision, set: [...target.resources.values()], removed: [] }
  const keys = [...differingKeys(base.resources, target.resources)].sort()
  const set = keys.flatMap((key) => target.resources.get(key) ?? [])
  const removed = keys.filter((key) => !target.resources.has(key))
  return { base: base.revision, revision: target.revision, set, removed }
}
