import { resourceKey, snapshotAfter, snapshotOf, type SealedResource, type Snapshot } from '@gatehouse/contract'

/** A snapshot and the list that it was made of, sorted by key, each key once. */
export interface Listed {
  readonly resources: readonly SealedResource[]
  readonly snapshot: Snapshot
}

const sameKey = (a: SealedResource, b: SealedResource): boolean => a.name === b.name && a.kind === b.kind

/** What two sorted lists do not share. */
function changesBetween(before: readonly SealedResource[], after: readonly SealedResource[]) {
  const set: SealedResource[] = []
  const removed: string[] = []
  let at = 0
  for (const resource of after) {
    for (let old = before[at]; old && old !== resource; old = before[at]) {
      if (sameKey(old, resource) || resourceKey(old) > resourceKey(resource)) break
      removed.push(resourceKey(old))
      at += 1
    }
    const old = before[at]
    if (old !== resource) set.push(resource)
    if (old && sameKey(old, resource)) at += 1
  }
  for (const old of before.slice(at)) removed.push(resourceKey(old))
  return { set, removed }
}

/**
 * The snapshot of these resources.
 *
 * @param resources - sorted by key, each key once
 * @param before - an earlier one: it costs what changed since, where unchanged resources are the same objects
 */
export function successorOf(before: Listed | null, resources: readonly SealedResource[]): Listed {
  if (before === null) return { resources, snapshot: snapshotOf(resources) }
  const { set, removed } = changesBetween(before.resources, resources)
  const changed = set.length > 0 || removed.length > 0
  return { resources, snapshot: changed ? snapshotAfter(before.snapshot, set, removed) : before.snapshot }
}
