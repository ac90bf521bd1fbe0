import type { AccessPolicySpec } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { budgetOf, type Budget } from './budget.ts'
import type { Installation } from './gatehouse.ts'
import type { CompileOptions } from './options.ts'
import type { PlacedRoute } from './placement.ts'
import { madePolicy, type MadePolicy, type PolicySources } from './policies.ts'
import type { ProviderSources } from './providerParts.ts'
import type { References } from './references.ts'
import { compiledRoutes } from './routes.ts'
import type { Sealed } from './seal.ts'
import type { CompiledRoute } from './servedRoute.ts'
import type { Services } from './services.ts'
import type { Hold } from './holds.ts'
import type { WidePolicies } from './widePolicies.ts'
import { upstreamsOf, type UsedService } from './upstreams.ts'

/** What a namespace asks for, before it is known how much of it fits. */
export interface Wishes {
  readonly installation: Installation
  /** Sorted by name. */
  readonly routes: readonly PlacedRoute[]
  /** Those that are not wide, in the order of precedence. */
  readonly policies: readonly WorldObject[]
  readonly wide: WidePolicies
  readonly platform: string
  readonly services: Services
  readonly providers: ProviderSources & Pick<PolicySources, 'denyLists'>
  /** What routes may refer to. */
  readonly routeReferences: References
  readonly options: CompileOptions
}

/** What is made of the wishes of a namespace. */
export interface Configuration {
  /** In the order of the wishes. */
  readonly routes: readonly CompiledRoute[]
  /** Policies that have a hold on a route that is served, and are not wide. */
  readonly policies: ReadonlyMap<WorldObject, MadePolicy>
  readonly resources: readonly Sealed[]
  /** Those that routes lead to. */
  readonly services: readonly UsedService[]
  readonly budget: Budget
}

/** Policies that have a hold on a route that is served, in the order of precedence. */
function heldPolicies({ routes, policies }: Wishes): readonly (readonly [WorldObject, AccessPolicySpec])[] {
  const held = new Map<WorldObject, AccessPolicySpec>()
  for (const { listeners, holds } of routes) {
    for (const { policy, spec } of listeners.length > 0 ? holds : []) if (spec) held.set(policy, spec)
  }
  return policies.flatMap((policy) => {
    const spec = held.get(policy)
    return spec ? [[policy, spec] as const] : []
  })
}

/** Holds in which a policy that does not fit is there, and broken (M7). */
function holdsIn(policies: ReadonlyMap<WorldObject, MadePolicy>): (route: PlacedRoute) => readonly Hold[] {
  const broken = new Set([...policies].flatMap(([policy, { fits }]) => (fits ? [] : [policy])))
  if (broken.size === 0) return ({ holds }) => holds
  return ({ holds }) => holds.map((hold) => (broken.has(hold.policy) ? { ...hold, spec: null } : hold))
}

/** Resources of the policies that have a hold on a route as it is served. */
function policyResources(
  routes: readonly CompiledRoute[],
  policies: ReadonlyMap<WorldObject, MadePolicy>,
): readonly Sealed[] {
  const used = new Set<WorldObject>()
  for (const { holds } of routes) for (const { policy, spec } of holds) if (spec) used.add(policy)
  return [...used].flatMap((policy) => policies.get(policy)?.resources ?? [])
}

/**
 * What of the wishes of a namespace fits into its budget, older objects first.
 *
 * @param level - bytes that it gets no more of than this, for routes and for policies each, whatever its bounds
 */
export function configurationOf(wishes: Wishes, level: number): Configuration {
  const { installation } = wishes
  const budget = budgetOf(installation.perNamespace, level)
  const { identityHeaders, maxTimeout, maxRetries, maxBodySize } = installation
  const policySources = { ...wishes.providers, identityHeaders, maxBodySize, purse: budget.policies }
  const policies = new Map(
    heldPolicies(wishes).map(([policy, spec]) => [policy, madePolicy(policy, spec, policySources)]),
  )
  const upstreams = upstreamsOf(wishes.services, wishes.options)
  const routeSources = {
    maxTimeout,
    maxRetries,
    holdsOn: holdsIn(policies),
    purse: budget.routes,
    backends: {
      upstreams,
      auth: { references: wishes.providers.references, signing: installation.signing, identityHeaders },
      references: wishes.routeReferences,
      installation,
    },
    headersAllowed: (policy: WorldObject) =>
      (policies.get(policy) ?? wishes.wide.made.get(policy))?.headersAllowed ?? false,
    platform: wishes.platform,
  }
  const oldestFirst = wishes.routes.toSorted((a, b) => a.object.meta.created - b.object.meta.created)
  const ofObject = new Map(compiledRoutes(oldestFirst, routeSources).map((route) => [route.object, route]))
  const routes = wishes.routes.flatMap(({ object }) => ofObject.get(object) ?? [])
  const used = new Set(routes.flatMap((route) => route.upstreams))
  const resources = [
    ...upstreams.resources(used),
    ...routes.flatMap(({ backendResources }) => backendResources),
    ...policyResources(routes, policies),
    ...routes.flatMap(({ resource }) => (resource ? [resource] : [])),
  ]
  return { routes, policies, resources, services: upstreams.services(used), budget }
}
