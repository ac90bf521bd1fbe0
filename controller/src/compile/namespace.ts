import { objectKey, type World, type WorldObject } from '../world.ts'
import { sortedByKey } from './byKey.ts'
import { configurationOf, type Wishes } from './configuration.ts'
import type { Budget } from './budget.ts'
import type { Installation } from './gatehouse.ts'
import type { CompileOptions, InstallationRef } from './options.ts'
import { denyListsOf, type KnownDenyLists } from './denyLists.ts'
import { placedRoute } from './placement.ts'
import { policyParents, policyVerdict, remarksOfAll } from './policyVerdicts.ts'
import { referencesOf } from './references.ts'
import { revocationsOf, type KnownRevocations } from './revocations.ts'
import { sortedSealed, type Sealed } from './seal.ts'
import { apiKeySecrets, selectionsOf, type MadeSelections, type Selections } from './selections.ts'
import type { CompiledRoute } from './servedRoute.ts'
import { servicesOf } from './services.ts'
import { targetsOf } from './targets.ts'
import type { WidePolicies } from './widePolicies.ts'
import { wideShareOf, type WideShare } from './wideVerdicts.ts'
import { withAddresses, type UsedService } from './upstreams.ts'
import { settledVerdicts, verdictOf, type Verdict } from './verdict.ts'

/** What all namespaces share. It stays the same object as long as none of it changes. */
export interface Surroundings {
  readonly ref: InstallationRef
  readonly installation: Installation
  readonly options: CompileOptions
  readonly wide: WidePolicies
}

/** One namespace as it is now. */
export interface Tenant {
  readonly namespace: string
  readonly part: World
  /** What there was the time before; null = nothing is known. */
  readonly before: Pick<NamespaceResult, 'selections' | 'revocations' | 'denyLists'> | null
}

/** What a namespace comes to. */
export interface NamespaceResult {
  /** Sorted by key, each once. */
  readonly resources: readonly Sealed[]
  /** Of those that are not wide. Sorted by name. */
  readonly policies: readonly Verdict[]
  /** What there is to say here of wide policies. */
  readonly wide: WideShare
  /** Sorted by name. */
  readonly routes: readonly Verdict[]
  /** How many of its routes each listener serves. */
  readonly attached: ReadonlyMap<string, number>
  /** Bytes spent. */
  readonly spent: number
  /** For each of its purses the smallest limit under which everything would have gone as it did. */
  readonly demands: readonly number[]
  readonly selections: MadeSelections
  readonly revocations: KnownRevocations
  readonly denyLists: KnownDenyLists
  readonly services: readonly UsedService[]
  /** As it was when all of the namespace was compiled. */
  readonly budget: Budget
  /** By how many bytes the addresses have grown since. */
  readonly grown: number
}

function attachedTo(routes: readonly CompiledRoute[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { acceptedOn } of routes) {
    for (const listener of acceptedOn) counts.set(listener, (counts.get(listener) ?? 0) + 1)
  }
  return counts
}

function wishesOf(
  { namespace, part, before }: Tenant,
  { ref, installation, options, wide }: Surroundings,
  selections: Selections,
): Wishes {
  const { folder } = options
  const missing = folder ? 'NotInFolder' : 'RefNotFound'
  const references = referencesOf(part, { kind: 'AccessPolicy', namespace }, missing)
  const targets = targetsOf(part, namespace, wide)
  const parents = { world: part, installation: ref, listeners: installation.listeners, folder }
  const placement = { installation, parents, targets }
  return {
    installation,
    routes: sortedByKey(part.GatewayRoute).map((object) => placedRoute(object, placement)),
    policies: targets.policies,
    wide,
    platform: ref.namespace,
    services: servicesOf(part),
    routeReferences: referencesOf(part, { kind: 'GatewayRoute', namespace }, missing),
    providers: {
      references,
      shelf: namespace,
      outbound: installation.outbound,
      selections,
      issuers: wide.issuersFor(namespace),
      quotaStore: installation.quotaStore,
      revocations: revocationsOf(namespace, references, before?.revocations ?? null),
      denyLists: denyListsOf(namespace, references, before?.denyLists ?? null),
      folder,
    },
    options,
  }
}

/**
 * Compiles one namespace, which depends on nothing but its part of the world and what all share.
 *
 * @param level - bytes that neither of its purses gets more of than this, whatever the bounds
 */
export function namespaceResult(tenant: Tenant, surroundings: Surroundings, level: number): NamespaceResult {
  const { namespace, part, before } = tenant
  const selections = selectionsOf(namespace, apiKeySecrets(namespace, part), before?.selections ?? null)
  const wishes = wishesOf(tenant, surroundings, selections)
  const { routes, policies, resources, services, budget } = configurationOf(wishes, level)
  const byRoute = new Map(routes.map((route) => [objectKey(route.object.meta), route]))
  const { ref, options, wide } = surroundings
  const made = new Map([...wide.made, ...policies])
  const sources = {
    world: part,
    routes: byRoute,
    remarks: remarksOfAll(routes),
    concerned: routes.length === 0 || routes.some(({ parents }) => parents.length > 0),
    made,
    installation: ref,
    folder: options.folder,
  }
  const ofPolicies = sortedByKey(part.AccessPolicy)
    .filter((object) => !wide.has(object))
    .map((object) => policyVerdict(object, policyParents(object, sources), made.get(object)))
  const ofRoutes = routes.map(({ object, parents }) => verdictOf('GatewayRoute', object, parents))
  const purses = [budget.routes, budget.policies]
  return {
    resources: sortedSealed(resources),
    policies: ofPolicies,
    wide: wideShareOf(namespace, wide, sources),
    routes: ofRoutes,
    attached: attachedTo(routes),
    spent: purses.reduce((sum, purse) => sum + purse.spent(), 0),
    demands: purses.map((purse) => purse.demand()),
    selections: selections.made,
    revocations: wishes.providers.revocations.known,
    denyLists: wishes.providers.denyLists.known,
    services,
    budget,
    grown: 0,
  }
}

const serviceKey = ({ meta }: WorldObject): string => `${meta.namespace}/${meta.name}`

/**
 * What a namespace comes to when nothing changed in it but EndpointSlices: the same, with other addresses.
 *
 * @param changed - Services of which endpoints changed, by `namespace/name`
 * @returns null when it may be something else, because what addresses cost decides what fits
 */
export function withEndpoints(
  result: NamespaceResult,
  part: World,
  changed: ReadonlySet<string>,
): NamespaceResult | null {
  const services = servicesOf(part)
  const moved = result.services
    .filter(({ owner }) => changed.has(serviceKey(owner)))
    .map((used) => ({ used, now: withAddresses(used, services) }))
  const grown = moved.reduce((sum, { used, now: [{ bytes }] }) => sum + bytes - used.bytes, result.grown)
  const routes = result.budget.routes.adjusted(grown)
  if (!routes) return null
  if (moved.length === 0) return result
  const purses = [routes, result.budget.policies]
  const nowOf = new Map(moved.map(({ used, now: [now] }) => [used, now]))
  const endpoints = new Map(moved.map(({ now: [, sealed] }) => [sealed.key, sealed]))
  return {
    ...result,
    grown,
    resources: result.resources.map((sealed) => endpoints.get(sealed.key) ?? sealed),
    services: result.services.map((used) => nowOf.get(used) ?? used),
    spent: purses.reduce((sum, purse) => sum + purse.spent(), 0),
    demands: purses.map((purse) => purse.demand()),
  }
}

/** The same result, where verdicts that are equal to earlier ones are those. */
export const settled = (result: NamespaceResult, before: NamespaceResult): NamespaceResult => ({
  ...result,
  policies: settledVerdicts(result.policies, before.policies),
  routes: settledVerdicts(result.routes, before.routes),
})
