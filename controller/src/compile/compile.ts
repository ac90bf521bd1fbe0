import type { AccessPolicySpec } from '@gatehouse/crds'
import { resourceKey, type SealedResource } from '@gatehouse/contract'
import { objectKey, type World, type WorldObject } from '../world.ts'
import { apiKeySecretType } from './apiKeys.ts'
import { installationOf } from './gatehouse.ts'
import { gatehouseVerdict } from './gatehouseVerdict.ts'
import type { CompileOptions, InstallationRef } from './options.ts'
import { parsedPolicy } from './parsed.ts'
import { madePolicy, type MadePolicy } from './policies.ts'
import { policyParents } from './policyVerdicts.ts'
import type { ProviderSources } from './providers.ts'
import { referencesOf } from './references.ts'
import { compiledRoute } from './routes.ts'
import { sealOnce } from './seal.ts'
import type { CompiledRoute } from './servedRoute.ts'
import { servicesOf } from './services.ts'
import { targetsOf } from './targets.ts'
import { upstreamsOf } from './upstreams.ts'
import type { Compilation, ParentVerdict, Verdict } from './verdict.ts'

const byKey = <T>(keyOf: (item: T) => string) => {
  return (a: T, b: T): number => {
    const [left, right] = [keyOf(a), keyOf(b)]
    return left < right ? -1 : left > right ? 1 : 0
  }
}

/** Secrets of API keys by namespace, sorted, so that the order of events does not show. */
function apiKeySecrets(world: World): ProviderSources['apiKeySecrets'] {
  const byNamespace = new Map<string, WorldObject[]>()
  for (const secret of world.Secret.values()) {
    if (secret.raw['type'] !== apiKeySecretType) continue
    const known = byNamespace.get(secret.meta.namespace)
    if (known) known.push(secret)
    else byNamespace.set(secret.meta.namespace, [secret])
  }
  for (const secrets of byNamespace.values()) secrets.sort(byKey(({ meta }) => meta.name))
  return (namespace) => byNamespace.get(namespace) ?? []
}

/** Makes each policy once a compilation, when it is first asked for. */
function policyMaker(
  sources: ProviderSources,
  identityHeaders: ReadonlySet<string>,
): (policy: WorldObject, spec: AccessPolicySpec) => MadePolicy {
  const made = new Map<WorldObject, MadePolicy>()
  return (policy, spec) => {
    const known = made.get(policy) ?? madePolicy(policy, spec, sources, identityHeaders)
    made.set(policy, known)
    return known
  }
}

/** Resources of the policies that have a hold on a route that is served. */
function policyResources(
  routes: Iterable<CompiledRoute>,
  make: (policy: WorldObject, spec: AccessPolicySpec) => MadePolicy,
): readonly SealedResource[] {
  const policies = new Map<WorldObject, MadePolicy>()
  for (const route of routes) {
    for (const { policy, spec } of route.resource ? route.holds : []) {
      if (spec) policies.set(policy, make(policy, spec))
    }
  }
  return [...policies].flatMap(([policy, made]) => made.resources.map((resource) => sealOnce(policy, resource)))
}

function verdictOf(kind: Verdict['kind'], object: WorldObject, parents: readonly ParentVerdict[]): Verdict {
  const { namespace, name, uid, generation } = object.meta
  const resources = [...new Set(parents.flatMap((parent) => parent.resources))].sort()
  return { kind, namespace, name, uid, generation, parents, listeners: [], resources }
}

const sorted = (objects: Iterable<WorldObject>): readonly WorldObject[] =>
  [...objects].sort(byKey(({ meta }) => objectKey(meta)))

/**
 * Compiles the world for one installation: what its data planes execute, and what is to be said about each of its
 * objects. Pure and synchronous; it never throws, one bad object costs only its own unit (M7), and equal worlds give
 * equal results in whatever order their maps are.
 *
 * @returns resources sorted by key, verdicts by kind, namespace and name; routes and policies that do not concern this
 *   installation have a verdict without parents
 */
export function compile(world: World, installation: InstallationRef, options: CompileOptions): Compilation {
  const references = referencesOf(world, options.folder ? 'NotInFolder' : 'RefNotFound')
  const own = installationOf(world, installation, references, options)
  const sources = { references, outbound: own.outbound, apiKeySecrets: apiKeySecrets(world), folder: options.folder }
  const make = policyMaker(sources, own.identityHeaders)
  const upstreams = upstreamsOf(servicesOf(world), options)
  const headersAllowed = (policy: WorldObject): boolean => {
    const parsed = parsedPolicy(policy)
    return parsed.ok && make(policy, parsed.spec).headersAllowed
  }
  const parents = { world, installation, listeners: own.listeners, folder: options.folder }
  const routeSources = { installation: own, parents, targets: targetsOf(world), upstreams, headersAllowed }
  const routes = sorted(world.GatewayRoute.values()).map((object) => compiledRoute(object, routeSources))
  const byRoute = new Map(routes.map((route) => [objectKey(route.object.meta), route]))
  const policySources = { world, routes: byRoute, made: make, folder: options.folder }
  const resources = [
    ...own.resources,
    ...upstreams.resources(),
    ...policyResources(routes, make),
    ...routes.flatMap(({ resource }) => (resource ? [resource] : [])),
  ]
  const unique = new Map(resources.map((resource) => [resourceKey(resource), resource]))
  return {
    resources: [...unique.values()].sort(byKey(resourceKey)),
    verdicts: [
      ...sorted(world.AccessPolicy.values()).map((object) =>
        verdictOf('AccessPolicy', object, policyParents(object, policySources)),
      ),
      ...(own.object ? [gatehouseVerdict(own.object, own, routes)] : []),
      ...routes.map(({ object, parents: verdicts }) => verdictOf('GatewayRoute', object, verdicts)),
    ],
  }
}
