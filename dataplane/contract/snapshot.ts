import { z } from 'zod'
import { canonicalJson, sha256, type Json } from './canonical.ts'
import { lastGood, type LastGood } from './installation.ts'
import type { Resource } from './resources.ts'
import { sharedMap } from './sharedMap.ts'
import { differingLines, hashOfLines, sortedLines, withLines, type SortedLines } from './sortedLines.ts'

type Members = { readonly [key: string]: Json }

/** Everything that is received was JSON, so its members are; they are not copied before it is known what they are. */
const members = z.custom<Members>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))

/**
 * A resource as it travels: its hash covers kind, name and spec. `spec` is parsed only after the hash holds, and a
 * spec that does not parse costs its own unit, never the revision. What kind and name may not hold separates them from
 * each other and from the next resource in the text that {@link revisionOf} hashes: so that one set of resources makes it.
 */
export const sealedResource = z.strictObject({
  kind: z
    .string()
    .max(64)
    .regex(/^[A-Za-z]+$/),
  name: z
    .string()
    .max(600)
    .regex(/^[^\n]+$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  spec: members,
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

type Named = Pick<SealedResource, 'kind' | 'name' | 'hash'>

const lineOf = (resource: Named): string => `${resourceKey(resource)} ${resource.hash}`

/** The name of a set of resources: SHA-256 over its sorted `kind/name hash` lines. Equal content, equal revision. */
export const revisionOf = (resources: Iterable<Named>): string => hashOfLines(sortedLines([...resources].map(lineOf)))

/** Everything that a data plane executes, and its name. */
export interface Snapshot {
  readonly revision: string
  /** By {@link resourceKey}. */
  readonly resources: ReadonlyMap<string, SealedResource>
}

/** Hashes of resources by key. */
type Hashes = ReadonlyMap<string, Pick<SealedResource, 'hash'>>

/** What revisions were hashed from, for as long as the resources of their snapshots live. */
const known = new WeakMap<Hashes, SortedLines>()

function linesOf(resources: Hashes): SortedLines {
  const lines = known.get(resources) ?? sortedLines([...resources].map(([key, { hash }]) => `${key} ${hash}`))
  known.set(resources, lines)
  return lines
}

function named(resources: Snapshot['resources'], lines: SortedLines): Snapshot {
  known.set(resources, lines)
  return { revision: hashOfLines(lines), resources }
}

/** @returns the snapshot of these resources; a later resource of the same kind and name replaces an earlier one */
export function snapshotOf(resources: Iterable<SealedResource>): Snapshot {
  const byKey = new Map<string, SealedResource>()
  for (const resource of resources) byKey.set(resourceKey(resource), resource)
  return named(byKey, linesOf(byKey))
}

/**
 * The snapshot that these changes make of another one: the same as {@link snapshotOf} of all its resources, at the cost
 * of those that changed.
 *
 * @param set - resources that are new or differ; each key once
 * @param removed - keys that are no longer there
 */
export function snapshotAfter(base: Snapshot, set: readonly SealedResource[], removed: readonly string[]): Snapshot {
  const changes = set.map((resource) => [resourceKey(resource), resource] as const)
  const gone = [...removed, ...changes.map(([key]) => key)].flatMap((key) => base.resources.get(key) ?? [])
  const lines = withLines(linesOf(base.resources), gone.map(lineOf), set.map(lineOf))
  return named(sharedMap(base.resources, removed, changes), lines)
}

/** A key is what stands before the last space of its line. */
const keyOf = (line: string): string => line.slice(0, line.lastIndexOf(' '))

/**
 * Keys of resources that are not the same in both. It costs what was changed, where one was made of the other.
 *
 * @param a - the resources of a snapshot, like `b`; neither is changed afterwards
 */
export const differingKeys = (a: Hashes, b: Hashes): ReadonlySet<string> =>
  new Set([...differingLines(linesOf(a), linesOf(b))].map(keyOf))

/** The settings of a snapshot for its time as the last good one. Where they cannot be read, no secret is kept. */
export function lastGoodOf({ resources }: Snapshot): LastGood {
  const parsed = lastGood.safeParse(resources.get('installation/installation')?.spec['lastGood'])
  return parsed.success ? parsed.data : { secrets: 'Omit', maxAge: 0 }
}
