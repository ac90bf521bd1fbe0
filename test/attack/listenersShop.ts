import type { Resource, ResourceSpec } from '@gatehouse/contract'
import { addressesFrom, listenerResource } from '../support/resources.ts'

/** Listeners that share the socket of the listener `http`, by hostname. */
export const sharingListeners: readonly Resource[] = [
  listenerResource({ hostname: '*.shared.example' }, 'wide'),
  listenerResource({ hostname: 'one.shared.example' }, 'narrow'),
  listenerResource({ hostname: 'front.shared.example', clientAddress: addressesFrom('127.0.0.0/8') }, 'believing'),
  listenerResource({ hostname: 'tls.shared.example', plaintextCredentials: 'Refuse' }, 'closed'),
]

interface Place {
  readonly listeners: string[]
  readonly hostnames: string[]
  readonly path: string
  readonly policy: 'open' | 'mixed'
}

/** What is served on them, by name of the route. */
export const sharedPlaces: Readonly<Record<string, Place>> = {
  wide: { listeners: ['wide'], hostnames: ['*.shared.example', 'one.shared.example'], path: '/', policy: 'open' },
  narrow: { listeners: ['narrow'], hostnames: ['one.shared.example'], path: '/only', policy: 'open' },
  believing: { listeners: ['believing'], hostnames: ['front.shared.example'], path: '/', policy: 'open' },
  closed: { listeners: ['closed'], hostnames: ['tls.shared.example'], path: '/', policy: 'mixed' },
}

/** @param rule - the one rule of a route */
export const sharedRoutes = (
  rule: (name: string, place: Place) => ResourceSpec<'route'>['rules'][number],
): readonly Resource[] =>
  Object.entries(sharedPlaces).map(([name, place]) => ({
    kind: 'route',
    name: `shop/shared-${name}`,
    spec: {
      object: { namespace: 'shop', name: `shared-${name}` },
      created: 0,
      listeners: place.listeners,
      hostnames: place.hostnames,
      rules: [rule(name, place)],
      incomplete: false,
    },
  }))
