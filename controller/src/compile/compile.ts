import { isWatched, objectKey, type World, type WorldObject } from '../world.ts'
import { apiKeySecretType } from './apiKeys.ts'
import { largestSnapshot } from './budget.ts'
import { configurationOf } from './configuration.ts'
import { installationOf } from './gatehouse.ts'
import { gatehouseVerdict } from './gatehouseVerdict.ts'
import type { CompileOptions, InstallationRef } from './options.ts'
import { placedRoute } from './placement.ts'
import { policyParents } from './policyVerdicts.ts'
import type { ProviderSources } from './providers.ts'
import { referencesOf } from './references.ts'
import { servicesOf } from './services.ts'
import { targetsOf } from './targets.ts'
import type { Compilation, ParentVerdict, Verdict } from './verdict.ts'

/** The values of a map in the order of their keys. */
const sorted = <T>(map: ReadonlyMap<string, T>): readonly T[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, value]) => value)

/** Secrets of API keys by namespace, sorted, so that the order of events does not show. */
function apiKeySecrets(world: World): ProviderSources['apiKeySecrets'] {
  const byNamespace = new Map<string, WorldObject[]>()
  const ofKeys = [...world.Secret].filter(([, secret]) => secret.raw['type'] === apiKeySecretType)
  for (const secret of sorted(new Map(ofKeys))) {
    const known = byNamespace.get(secret.meta.namespace)
    if (known) known.push(secret)
    else byNamespace.set(secret.meta.namespace, [secret])
  }
  return (namespace) => (isWatched(world, namespace) ? (byNamespace.get(namespace) ?? []) : null)
}

function verdictOf(kind: Verdict['kind'], object: WorldObject, parents: readonly ParentVerdict[]): Verdict {
  const { namespace, name, uid, generation } = object.meta
  const resources = [...new Set(parents.flatMap((parent) => parent.resources))].sort()
  return { kind, namespace, name, uid, generation, parents, listeners: [], resources }
}

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
  const parents = { world, installation, listeners: own.listeners, folder: options.folder }
  const targets = targetsOf(world)
  const placed = sorted(world.GatewayRoute).map((object) =>
    placedRoute(object, { installation: own, parents, targets }),
  )
  const wishes = {
    installation: own,
    routes: placed,
    policies: targets.policies,
    services: servicesOf(world),
    providers: { references, outbound: own.outbound, apiKeySecrets: apiKeySecrets(world), folder: options.folder },
    options,
  }
  const { routes, policies, resources, crowded } = configurationOf(wishes, options.snapshotBytes ?? largestSnapshot)
  const byRoute = new Map(routes.map((route) => [objectKey(route.object.meta), route]))
  const policySources = { world, routes: byRoute, made: policies, folder: options.folder }
  const unique = new Map([...own.resources, ...resources].map(({ key, resource }) => [key, resource]))
  return {
    resources: sorted(unique),
    verdicts: [
      ...sorted(world.AccessPolicy).map((object) =>
        verdictOf('AccessPolicy', object, policyParents(object, policySources)),
      ),
      ...(own.object ? [gatehouseVerdict(own.object, own, { routes, crowded })] : []),
      ...routes.map(({ object, parents: verdicts }) => verdictOf('GatewayRoute', object, verdicts)),
    ],
  }
}
