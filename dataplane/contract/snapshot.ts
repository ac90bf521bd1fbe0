import { z } from 'zod'
import { canonicalJson, sha256, type Json } from './canonical.ts'
import { lastGood, type LastGood, type Resource } from './resources.ts'

/**
 * A resource as it travels: its hash covers kind, name and spec. `spec` is parsed only after the hash holds, and a
 * spec that does not parse costs its own unit, never the revision.
 */
export const sealedResource = z.strictObject({
  kind: z.string().min(1).max(64),
  name: z.string().min(1).max(600),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  spec: z.record(z.string(), z.json()),
})
export type SealedResource = z.infer<typeof sealedResource>

/** The key of a resource within a snapshot: `kind/name`. */
export const resourceKey = (resource: { readonly kind: string; readonly name: string }): string =>
  `${resource.kind}/${resource.name}`

/** SHA-256 over the canonical form of kind, name and spec. */
export const resourceHash = (resource: { readonly kind: string; readonly name: string; readonly spec: Json }): string =>
  sha256(canonicalJson({ kind: resource.kind, name: resource.name, spec: resource.spec }))

/** Adds the hash that lets the receiver prove what it got. */
export function seal(resource: Resource): SealedResource {
  const spec = resource.spec as unknown as { [key: string]: Json }
  return {
    kind: resource.kind,
    name: resource.name,
    spec: spec as SealedResource['spec'],
    hash: resourceHash({ ...resource, spec }),
  }
}

/** The name of a set of resources: SHA-256 over its sorted `kind/name hash` lines. Equal content, equal revision. */
export function revisionOf(resources: Iterable<Pick<SealedResource, 'kind' | 'name' | 'hash'>>): string {
  const lines = [...resources].map((resource) => `${resourceKey(resource)} ${resource.hash}`)
  return sha256(lines.sort().join('\n'))
}

/** Everything a data plane executes, and its name. */
export interface Snapshot {
  readonly revision: string
  /** By {@link resourceKey}. */
  readonly resources: ReadonlyMap<string, SealedResource>
}

/** @returns the snapshot of these resources; a later resource of the same kind and name replaces an earlier one */
export function snapshotOf(resources: Iterable<SealedResource>): Snapshot {
  const byKey = new Map<string, SealedResource>()
  for (const resource of resources) byKey.set(resourceKey(resource), resource)
  return { revision: revisionOf(byKey.values()), resources: byKey }
}

/** The settings of a snapshot for its time as the last good one. Where they cannot be read, no secret is kept. */
export function lastGoodOf({ resources }: Snapshot): LastGood {
  const parsed = lastGood.safeParse(resources.get('installation/installation')?.spec['lastGood'])
  return parsed.success ? parsed.data : { secrets: 'Omit', maxAge: 0 }
}
