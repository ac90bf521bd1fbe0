import { resourceKey, seal, type Resource, type SealedResource } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { jsonBytes } from './budget.ts'
import { sortedByKey } from './byKey.ts'
import { memoised, sameJson } from './memo.ts'

/** A resource with its hash. */
export interface Sealed {
  readonly resource: SealedResource
  /** `kind/name`. */
  readonly key: string
  /** In an update. */
  readonly bytes: number
}

type Form = Sealed & { readonly spec: Resource['spec'] }

const formsFor = memoised<WorldObject, Map<string, readonly Form[]>>(() => new Map())

/** How many forms of a resource are kept: one that does not fit its budget is looked at whole and refused. */
const maxForms = 2

function formOf(resource: Resource, key: string): Form {
  const sealed = seal(resource)
  return { spec: resource.spec, resource: sealed, key, bytes: jsonBytes(sealed) + 1 }
}

/**
 * The resource with its hash. Hashing is the most expensive step of a compilation, so the last results are kept beside
 * the object that the resource was made from, and used again while the resource is equal.
 *
 * @param owner - the object that the resource was made from; null = none, and nothing is kept
 */
export function sealOnce(owner: WorldObject | null, resource: Resource): Sealed {
  const key = resourceKey(resource)
  if (!owner) return formOf(resource, key)
  const kept = formsFor(owner)
  const forms = kept.get(key)
  const same = forms?.find(({ spec }) => sameJson(spec, resource.spec))
  if (same) return same
  const form = formOf(resource, key)
  kept.set(key, forms ? [form, ...forms].slice(0, maxForms) : [form])
  return form
}

/** Sorted by key, each once: of two with the same key the later one. */
export const sortedSealed = (all: readonly Sealed[]): readonly Sealed[] =>
  sortedByKey(new Map(all.map((sealed) => [sealed.key, sealed])))
