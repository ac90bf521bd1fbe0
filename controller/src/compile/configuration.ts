import type { AccessPolicySpec } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { budgetsOf, fairLevel, type Budgets } from './budget.ts'
import type { Installation } from './gatehouse.ts'
import type { CompileOptions } from './options.ts'
import type { PlacedRoute } from './placement.ts'
import { madePolicy, type MadePolicy } from './policies.ts'
import type { ProviderSources } from './providers.ts'
import { compiledRoutes } from './routes.ts'
import type { Sealed } from './seal.ts'
import type { CompiledRoute } from './servedRoute.ts'
import type { Services } from './services.ts'
import type { Hold } from './targets.ts'
import { upstreamsOf } from './upstreams.ts'

/** What namespaces ask for, before it is known how much of it fits. */
export interface Wishes {
  readonly installation: Installation
  /** Sorted by namespace and name. */
  readonly routes: readonly PlacedRoute[]
  /** All policies, in the order of precedence. */
  readonly policies: readonly WorldObject[]
  readonly services: Services
  readonly providers: ProviderSources
  readonly options: CompileOptions
}

/** What is made of the wishes of all namespaces. */
export interface Configuration {
  /** In the order of the wishes. */
  readonly routes: readonly CompiledRoute[]
  /** Policies that have a hold on a route that is served. */
  readonly policies: ReadonlyMap<WorldObject, MadePolicy>
  readonly resources: readonly Sealed[]
  /** Whether all namespaces together asked for more than there is, so that some got less than their bounds. */
  readonly crowded: boolean
}

type Attempt = Omit<Configuration, 'crowded'> & { readonly budgets: Budgets }

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

/** The routes of each namespace, oldest first. */
function byNamespace(routes: readonly PlacedRoute[]): readonly (readonly PlacedRoute[])[] {
  const groups = Map.groupBy(routes, ({ object }) => object.meta.namespace)
  return [...groups.values()].map((own) => own.toSorted((a, b) => a.object.meta.created - b.object.meta.created))
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

/** @param level - bytes that no namespace gets more of than this, for routes and for policies each */
function attempt(wishes: Wishes, level: number): Attempt {
  const { installation } = wishes
  const budgets = budgetsOf(installation.perNamespace, level)
  const { identityHeaders, maxTimeout } = installation
  const policySources = { ...wishes.providers, identityHeaders, purse: budgets.policies }
  const policies = new Map(
    heldPolicies(wishes).map(([policy, spec]) => [policy, madePolicy(policy, spec, policySources)]),
  )
  const upstreams = upstreamsOf(wishes.services, wishes.options)
  const routeSources = {
    maxTimeout,
    holdsOn: holdsIn(policies),
    purse: budgets.routes,
    upstreams,
    headersAllowed: (policy: WorldObject) => policies.get(policy)?.headersAllowed ?? false,
  }
  const compiled = byNamespace(wishes.routes).flatMap((own) => compiledRoutes(own, routeSources))
  const ofObject = new Map(compiled.map((route) => [route.object, route]))
  const routes = wishes.routes.flatMap(({ object }) => ofObject.get(object) ?? [])
  const resources = [
    ...upstreams.resources(new Set(routes.flatMap((route) => route.upstreams))),
    ...policyResources(routes, policies),
    ...routes.flatMap(({ resource }) => (resource ? [resource] : [])),
  ]
  return { routes, policies, resources, budgets }
}

/**
 * What of the wishes of all namespaces fits, each within its bounds, and all within one message to a data plane. What a
 * namespace gets depends on others only when all together ask for more than that.
 */
export function configurationOf(wishes: Wishes, largest: number): Configuration {
  const own = wishes.installation.resources.reduce((sum, { bytes }) => sum + bytes, 0)
  const whole = attempt(wishes, Infinity)
  const { all } = whole.budgets
  const crowded = all.reduce((sum, purse) => sum + purse.spent(), own) > largest
  if (!crowded) return { ...whole, crowded }
  const level = fairLevel(
    all.map((purse) => purse.demand()),
    largest - own,
  )
  return { ...attempt(wishes, level), crowded }
}
