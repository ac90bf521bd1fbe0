import type { ResourceSpec, SealedResource } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { Parent } from './parents.ts'
import { sealOnce } from './seal.ts'

/**
 * A route as a resource, on the listeners of all its parents.
 *
 * @param rules - null when the route cannot be read: it then refuses what would fall through on its hosts (M7)
 * @returns null when no listener or no host is left: the route matches nothing
 */
export function routeResource(
  object: WorldObject,
  parents: readonly Parent[],
  hostnames: readonly string[],
  rules: ResourceSpec<'route'>['rules'] | null,
): SealedResource | null {
  const listeners = new Set(parents.flatMap((parent) => parent.listeners.map(({ spec }) => spec.name)))
  if (listeners.size === 0 || hostnames.length === 0) return null
  const { namespace, name, created } = object.meta
  return sealOnce(object, {
    kind: 'route',
    name: `${namespace}/${name}`,
    spec: {
      object: { namespace, name },
      created,
      listeners: [...listeners].sort(),
      hostnames: [...hostnames],
      rules: rules ?? [],
      incomplete: rules === null,
    },
  })
}
