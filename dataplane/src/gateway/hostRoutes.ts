import type { CompiledRoute } from './compileRoute.ts'
import { buildRouter, type Host, type Router } from './router.ts'
import type { RulePlan } from './rulePlan.ts'
import type { Steps } from '../slices.ts'

type Routes = readonly CompiledRoute[]

/** Routes by listener and then by hostname pattern. */
export type HostRoutes = ReadonlyMap<string, ReadonlyMap<string, Routes>>

/** What became of a route; null = it was not there, or is no more. */
export interface RouteChange {
  readonly before: CompiledRoute | null
  readonly after: CompiledRoute | null
}

/** The routes of some hostnames, where something changed. */
type Edits = ReadonlyMap<string, ReadonlyMap<string, Routes>>

/** Where a route is served: each listener and hostname once. */
const placesOf = (route: CompiledRoute | null): readonly (readonly [listener: string, hostname: string])[] =>
  [...new Set(route?.spec.listeners)].flatMap((listener) =>
    [...new Set(route?.spec.hostnames)].map((hostname) => [listener, hostname] as const),
  )

function* editsOf(all: HostRoutes, changes: readonly RouteChange[]): Steps<Edits> {
  const edits = new Map<string, Map<string, Routes>>()
  const edit = (listener: string, hostname: string, change: (routes: Routes) => Routes): void => {
    const hosts = edits.get(listener) ?? new Map<string, Routes>()
    edits.set(listener, hosts)
    hosts.set(hostname, change(hosts.get(hostname) ?? all.get(listener)?.get(hostname) ?? []))
  }
  for (const { before, after } of changes) {
    yield
    for (const [listener, hostname] of placesOf(before)) {
      edit(listener, hostname, (routes) => routes.filter((route) => route !== before))
    }
    for (const [listener, hostname] of placesOf(after)) edit(listener, hostname, (routes) => [...routes, after!])
  }
  return edits
}

const hostOf = (routes: Routes): Host<RulePlan> | null =>
  routes.length === 0
    ? null
    : {
        candidates: routes.flatMap(({ candidates }) => candidates),
        incomplete: new Set(routes.flatMap(({ spec }) => (spec.incomplete ? [spec.object.namespace] : []))),
      }

function* hostsOf(routes: ReadonlyMap<string, Routes>) {
  for (const [hostname, some] of routes) yield [hostname, hostOf(some)] as const
}

function withEdits(all: HostRoutes, edits: Edits): HostRoutes {
  const result = new Map(all)
  for (const [listener, hosts] of edits) {
    const present = new Map(all.get(listener))
    for (const [hostname, routes] of hosts) {
      if (routes.length === 0) present.delete(hostname)
      else present.set(hostname, routes)
    }
    result.set(listener, present)
  }
  return result
}

/** Where routes are served, and what finds them there. */
export interface Routing {
  readonly routes: HostRoutes
  /** By listener. */
  readonly routers: ReadonlyMap<string, Router<RulePlan>>
}

const nothing: Routing = { routes: new Map(), routers: new Map() }

/**
 * The routers of some listeners.
 *
 * @param before - of the snapshot before: hostnames whose routes are the same keep their tables
 * @param changes - what became of routes since
 */
export function* routingOf(
  listeners: readonly string[],
  changes: readonly RouteChange[],
  before: Routing | null,
): Steps<Routing> {
  const previous = before ?? nothing
  const edits = yield* editsOf(previous.routes, changes)
  const routes = edits.size === 0 ? previous.routes : withEdits(previous.routes, edits)
  const none: ReadonlyMap<string, Routes> = new Map()
  const routers = new Map<string, Router<RulePlan>>()
  for (const listener of listeners) {
    const known = previous.routers.get(listener) ?? null
    const own = known === null ? (routes.get(listener) ?? none) : edits.get(listener)
    routers.set(listener, own === undefined ? known! : yield* buildRouter(hostsOf(own), known))
  }
  return { routes, routers }
}
