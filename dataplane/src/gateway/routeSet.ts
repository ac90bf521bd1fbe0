import { compileRoute, type CompiledRoute, type RouteSources } from './compileRoute.ts'
import type { RouteChange } from './hostRoutes.ts'
import type { ParsedResources } from './parse.ts'
import type { Steps } from '../slices.ts'
import { policyOf } from './policyWorkshop.ts'
import { policiesIn } from './providerChoice.ts'

/** The compiled routes of a snapshot, by name. */
export type RouteSet = ReadonlyMap<string, CompiledRoute>

/** What may have become another since the snapshot before. */
export interface Affected {
  /** Names of routes that came, went or changed. */
  readonly routes: ReadonlySet<string>
  /** Whether an upstream came or went, or whether a policy is affected; null = neither. */
  readonly upstream: ((name: string) => boolean) | null
  readonly policy: ((name: string) => boolean) | null
}

const isAffected = ({ uses }: CompiledRoute, { upstream, policy }: Affected): boolean =>
  (upstream !== null && uses.upstreams.some(upstream)) ||
  (policy !== null &&
    (uses.policies.some((name) => policy(policyOf(name))) ||
      uses.authenticators.some((name) => policiesIn(name).some(policy))))

/** Names of the routes that are to be looked at again. */
function affectedNames(before: RouteSet, affected: Affected): ReadonlySet<string> {
  const names = new Set(affected.routes)
  if (affected.upstream === null && affected.policy === null) return names
  for (const [name, route] of before) if (isAffected(route, affected)) names.add(name)
  return names
}

export interface CompiledRoutes {
  readonly routes: RouteSet
  readonly changes: readonly RouteChange[]
}

/**
 * Compiles the routes of a snapshot.
 *
 * @param before - those of the snapshot before; only what is affected is looked at
 * @param affected - null = everything is
 */
export function* compileRoutes(
  parsed: ParsedResources['route'],
  sources: RouteSources,
  before: RouteSet,
  affected: Affected | null,
): Steps<CompiledRoutes> {
  const names = affected ? affectedNames(before, affected) : new Set([...before.keys(), ...parsed.keys()])
  const changes = new Map<string, RouteChange>()
  for (const name of names) {
    const route = parsed.get(name)
    const known = before.get(name)
    const compiled = route ? yield* compileRoute(route, sources, known) : null
    if (compiled !== (known ?? null)) changes.set(name, { before: known ?? null, after: compiled })
  }
  if (changes.size === 0) return { routes: before, changes: [] }
  const routes = new Map(before)
  for (const [name, { after }] of changes) {
    if (after) routes.set(name, after)
    else routes.delete(name)
  }
  return { routes, changes: [...changes.values()] }
}
