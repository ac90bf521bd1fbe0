import { seal, type Resource, type SealedResource } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { memoised, sameJson } from './memo.ts'

interface Sealed {
  readonly spec: Resource['spec']
  readonly sealed: SealedResource
}

const sealedFor = memoised<WorldObject, Map<string, Sealed>>(() => new Map())

/**
 * The resource with its hash. Hashing is the most expensive step of a compilation, so the last result is kept beside
 * the object that the resource was made from, and used again while the resource is equal.
 *
 * @param owner - the object that the resource was made from; null = none, and nothing is kept
 */
export function sealOnce(owner: WorldObject | null, resource: Resource): SealedResource {
  if (!owner) return seal(resource)
  const kept = sealedFor(owner)
  const key = `${resource.kind}/${resource.name}`
  const last = kept.get(key)
  if (last && sameJson(last.spec, resource.spec)) return last.sealed
  const sealed = seal(resource)
  kept.set(key, { spec: resource.spec, sealed })
  return sealed
}
