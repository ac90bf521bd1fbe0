import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { ResourceSpec } from '@gatehouse/contract'
import type { PlacedRoute } from './placement.ts'
import { matchesOf } from './rules.ts'
import { sealOnce, type Sealed } from './seal.ts'

type Rules = ResourceSpec<'route'>['rules']

function sealed({ object, listeners, hostnames }: PlacedRoute, rules: Rules | null): Sealed {
  const { namespace, name, created } = object.meta
  return sealOnce(object, {
    kind: 'route',
    name: `${namespace}/${name}`,
    spec: {
      object: { namespace, name },
      created,
      listeners: [...listeners],
      hostnames: [...hostnames],
      rules: rules ?? [],
      incomplete: rules === null,
    },
  })
}

/** A route as a resource, on the listeners of all its parents. */
export const routeResource = (route: PlacedRoute, rules: Rules): Sealed => sealed(route, rules)

/** A route of which nobody knows what it matches: it refuses what would fall through on its hosts (M7). */
export const closingResource = (route: PlacedRoute): Sealed => sealed(route, null)

/** A route that refuses what its rules match. */
export function refusingResource(route: PlacedRoute, rules: GatewayRouteSpec['rules']): Sealed {
  const refused = rules.map((rule): Rules[number] => ({
    name: rule.name,
    matches: matchesOf(rule),
    access: { type: 'Refuse', code: 'config-invalid' },
    shadow: null,
    action: { type: 'Refuse', code: 'config-invalid' },
  }))
  return sealed(route, refused)
}
