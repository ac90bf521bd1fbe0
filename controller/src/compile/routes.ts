import { note } from './findings.ts'
import { matchBytes } from './matchFaults.ts'
import { parentVerdict } from './parentVerdicts.ts'
import type { PlacedRoute } from './placement.ts'
import { closingResource, refusingResource } from './routeResource.ts'
import type { Sealed } from './seal.ts'
import { servedRoute, type CompiledRoute, type RouteSources } from './servedRoute.ts'

/** A route that serves nothing, with what its parents say; the resource is what it refuses with. */
function unserved({ object, parents }: PlacedRoute, resource: Sealed | null): CompiledRoute {
  return {
    object,
    resource,
    upstreams: [],
    backendResources: [],
    ruleNames: new Set(),
    holds: [],
    remarks: new Map(),
    acceptedOn: new Set(),
    parents: parents.map((parent) => parentVerdict(parent, { plaintext: [], notes: [], keys: [] })),
  }
}

const overBudget = [note('Accepted', 'BudgetExceeded')]

/** The same route where every parent that would serve it says that it does not fit. */
const beyondBudget = (route: PlacedRoute): PlacedRoute => ({
  ...route,
  parents: route.parents.map((one) => (one.notes.length > 0 ? one : { ...one, notes: overBudget })),
})

/** A route of a namespace, compiled or without even the bytes for a refusal. */
type Outcome = { readonly compiled: CompiledRoute; readonly dropped: boolean }

function outcomeOf(route: PlacedRoute, sources: RouteSources): Outcome {
  if (route.listeners.length === 0) return { compiled: unserved(route, null), dropped: false }
  const { spec } = route
  const served = spec && servedRoute(route, spec, sources)
  if (served) return { compiled: served, dropped: false }
  const refusal = spec ? refusingResource(route, spec.rules) : closingResource(route)
  const said = spec ? beyondBudget(route) : route
  const fits = sources.purse.payRefusal(refusal.bytes + (spec ? matchBytes(spec.rules) : 0))
  return { compiled: unserved(said, fits ? refusal : null), dropped: !fits }
}

/** The hostname patterns under which a host could be served, beside itself. */
function wildcardsOver(hostname: string): readonly string[] {
  const labels = hostname.replace(/^\*\./, '').split('.')
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)
}

/** The patterns that what was meant for these routes could fall through to. */
function patternsOver(routes: readonly PlacedRoute[]): ReadonlySet<string> {
  return new Set(
    routes.flatMap(({ hostnames }) => hostnames.flatMap((hostname) => [hostname, ...wildcardsOver(hostname)])),
  )
}

/**
 * Compiles the routes of one namespace, oldest first, as far as its budget goes. What is wrong with a route costs only
 * itself, and opens nothing (M7). One that does not fit refuses what it matches. One for whose refusal there are no
 * bytes either closes the routes of the namespace that its requests could fall through to.
 *
 * @param routes - oldest first
 * @returns in the same order
 */
export function compiledRoutes(routes: readonly PlacedRoute[], sources: RouteSources): readonly CompiledRoute[] {
  const outcomes = routes.map((route) => ({ route, ...outcomeOf(route, sources) }))
  const dropped = outcomes.filter((one) => one.dropped)
  if (dropped.length === 0) return outcomes.map(({ compiled }) => compiled)
  const closed = patternsOver(dropped.map(({ route }) => route))
  return outcomes.map(({ route, compiled }) => {
    const open = compiled.resource !== null && compiled.ruleNames.size > 0
    const isUnder = open && route.hostnames.some((hostname) => closed.has(hostname))
    return isUnder ? unserved(beyondBudget(route), closingResource(route)) : compiled
  })
}
