import type { WorldObject } from '../world.ts'
import { note } from './findings.ts'
import { parentVerdict } from './parentVerdicts.ts'
import { parentsOf, type Parent } from './parents.ts'
import { parsedRoute } from './parsed.ts'
import { routeResource } from './routeResource.ts'
import { servedRoute, type CompiledRoute, type RouteSources } from './servedRoute.ts'
import { unreadableRoute } from './unreadable.ts'

/** A route with a note on each parent and nothing to serve. */
const unserved = (object: WorldObject, parents: readonly Parent[]): CompiledRoute => ({
  object,
  resource: null,
  ruleNames: new Set(),
  holds: [],
  conflicts: new Map(),
  acceptedOn: new Set(),
  parents: parents.map((parent) => parentVerdict(parent, { plaintext: [], notes: [], keys: [] })),
})

/** Compiles one route. Whatever is wrong with it costs only itself, and opens nothing (M7). */
export function compiledRoute(object: WorldObject, sources: RouteSources): CompiledRoute {
  const { namespace } = object.meta
  const parsed = parsedRoute(object)
  if (!parsed.ok) {
    const { parents, hostnames } = unreadableRoute(object, parsed.issues, sources)
    return { ...unserved(object, parents), resource: routeResource(object, parents, hostnames, null) }
  }
  const { spec } = parsed
  const hostnames = spec.hostnames.filter((hostname) => sources.installation.tenancy(namespace, hostname))
  const own = new Set(hostnames)
  const foreign = spec.hostnames.flatMap((hostname, index) => (own.has(hostname) ? [] : [`/spec/hostnames/${index}`]))
  if (hostnames.length === 0) {
    const none = note('Accepted', 'HostNotAllowed', ...foreign)
    const parents = parentsOf(spec.parentRefs, { namespace, hostnames: spec.hostnames }, sources.parents)
    const refused = parents.map((one) => ({ ...one, listeners: [], notes: one.notes.length > 0 ? one.notes : [none] }))
    return unserved(object, refused)
  }
  const parents = parentsOf(spec.parentRefs, { namespace, hostnames }, sources.parents)
  if (parents.every(({ listeners }) => listeners.length === 0)) return unserved(object, parents)
  return servedRoute(object, spec, { parents, hostnames, foreign }, sources)
}
