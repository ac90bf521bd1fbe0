import { isWatched, type World, type WorldObject } from '../world.ts'
import { grantees } from './grants.ts'
import { namesNamespace } from './named.ts'
import { partOf, type Parts } from './parts.ts'

type Objects = ReadonlyMap<string, WorldObject>

/** What another namespace can be granted of one. */
const shared = ['Service', 'EndpointSlice', 'Secret', 'ConfigMap', 'ReferenceGrant'] as const

/** A part with what its namespace is granted of others, and what that was put together from. */
interface View {
  /** Its own part first, then those of the others. */
  readonly from: readonly World[]
  readonly world: World
}

/** Parts in which each namespace also sees those that granted it something. */
export interface Views extends Parts {
  readonly parts: Parts
  readonly views: ReadonlyMap<string, View>
}

/** Which namespaces granted something to which. */
function grantersOf(grants: Objects): ReadonlyMap<string, ReadonlySet<string>> {
  const granters = new Map<string, Set<string>>()
  for (const grant of grants.values()) {
    for (const grantee of grantees(grant)) {
      if (grantee === grant.meta.namespace) continue
      const known = granters.get(grantee)
      if (known) known.add(grant.meta.namespace)
      else granters.set(grantee, new Set([grant.meta.namespace]))
    }
  }
  return granters
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])

const merged = (maps: readonly Objects[]): Objects => new Map(maps.flatMap((map) => [...map]))

/** Of one namespace and others, each kind of which nothing changed as it was before. */
function viewOf(from: readonly World[], names: readonly string[], whole: World, before: View | undefined): View {
  if (before && sameItems(before.from, from)) return before
  const [own] = from
  const maps = shared.map((kind) => {
    const now = from.map((part) => part[kind])
    const same =
      before &&
      sameItems(
        before.from.map((part) => part[kind]),
        now,
      )
    return [kind, same ? before.world[kind] : merged(now)] as const
  })
  return { from, world: { ...own!, ...Object.fromEntries(maps), watched: watchedOf(names, whole, before) } }
}

/** Of which of these namespaces Secrets and ConfigMaps are read. */
function watchedOf(names: readonly string[], whole: World, before: View | undefined): World['watched'] {
  const readable = names.filter((name) => isWatched(whole, name))
  if (readable.length === names.length) return null
  const known = before?.world.watched
  return known && sameItems([...known], readable) ? known : new Set(readable)
}

/**
 * Lets each namespace see what lies in those that granted it anything at all and that something in it names. What of it
 * may be referred to is for `mayRefer` to say. A grant that nobody asked for shows nothing: otherwise whoever granted
 * everybody would have each of their own changes compiled everywhere.
 *
 * @param before - of an earlier world: what did not change is taken over; null = there was none
 */
export function viewsOf(parts: Parts, before: Views | null): Views {
  const granters = grantersOf(parts.whole.ReferenceGrant)
  if (granters.size === 0) return { ...parts, parts, views: new Map() }
  const views = new Map<string, View>()
  for (const [namespace, others] of granters) {
    const own = partOf(parts, namespace)
    const asked = [...others].filter((other) => namesNamespace(own, other)).sort()
    if (asked.length === 0) continue
    const names = [namespace, ...asked]
    const from = names.map((name) => partOf(parts, name))
    views.set(namespace, viewOf(from, names, parts.whole, before?.views.get(namespace)))
  }
  const byNamespace = new Map([...parts.byNamespace].map(([name, part]) => [name, views.get(name)?.world ?? part]))
  return { whole: parts.whole, byNamespace, parts, views }
}

/** What a namespace sees, also one in which there is nothing. */
export const viewIn = ({ parts, views }: Views, namespace: string): World =>
  views.get(namespace)?.world ?? partOf(parts, namespace)
