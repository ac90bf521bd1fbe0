import type { GatewayRouteSpec } from '@gatehouse/crds'
import { objectKey, type WorldObject } from '../world.ts'
import { note } from './findings.ts'
import type { Installation } from './gatehouse.ts'
import { parentsOf, type Parent, type ParentSources } from './parents.ts'
import { parsedRoute } from './parsed.ts'
import type { Hold } from './holds.ts'
import type { Targets } from './targets.ts'
import { unreadableRoute } from './unreadable.ts'

/** What decides where routes are served. */
export interface PlacementSources {
  readonly installation: Installation
  readonly parents: ParentSources
  readonly targets: Targets
}

interface Place {
  readonly parents: readonly Parent[]
  /** Those of its hosts that its namespace may serve. */
  readonly hostnames: readonly string[]
  /** JSON pointers to the others. */
  readonly foreign: readonly string[]
}

/** A route and where it is served, before it is said what it does there. */
export interface PlacedRoute extends Place {
  readonly object: WorldObject
  /** null when it cannot be read. */
  readonly spec: GatewayRouteSpec | null
  /** Names of the listeners that serve it; none when it matches nothing. */
  readonly listeners: readonly string[]
  /** The policies that speak of it, in the order of precedence. */
  readonly holds: readonly Hold[]
}

function listenersOf(parents: readonly Parent[], hostnames: readonly string[]): readonly string[] {
  if (hostnames.length === 0) return []
  const names = parents.flatMap(({ listeners }) => listeners.map(({ spec }) => spec.name))
  return [...new Set(names)].sort()
}

/** Where a route that can be read is served. */
function readRoute(object: WorldObject, spec: GatewayRouteSpec, sources: PlacementSources): Place {
  const { namespace } = object.meta
  const hostnames = spec.hostnames.filter((hostname) => sources.installation.tenancy(namespace, hostname))
  const own = new Set(hostnames)
  const foreign = spec.hostnames.flatMap((hostname, index) => (own.has(hostname) ? [] : [`/spec/hostnames/${index}`]))
  if (hostnames.length > 0) {
    const parents = parentsOf(spec.parentRefs, { namespace, hostnames }, sources.parents)
    return { parents, hostnames, foreign }
  }
  const none = note('Accepted', 'HostNotAllowed', ...foreign)
  const parents = parentsOf(spec.parentRefs, { namespace, hostnames: spec.hostnames }, sources.parents)
  const refused = parents.map((one) => ({ ...one, listeners: [], notes: one.notes.length > 0 ? one.notes : [none] }))
  return { parents: refused, hostnames, foreign }
}

export function placedRoute(object: WorldObject, sources: PlacementSources): PlacedRoute {
  const parsed = parsedRoute(object)
  const spec = parsed.ok ? parsed.spec : null
  const place = parsed.ok
    ? readRoute(object, parsed.spec, sources)
    : { ...unreadableRoute(object, parsed.issues, sources), foreign: [] }
  const listeners = listenersOf(place.parents, place.hostnames)
  return { object, spec, ...place, listeners, holds: sources.targets.of(objectKey(object.meta)) }
}
