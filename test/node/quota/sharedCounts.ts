import type { Manifest } from '../policy/objects.ts'
import type { PolicyWorld } from '../policy/policyWorld.ts'

/** A public route with a limit that all data planes share. */
export interface SharedRoute {
  /** Of the route, its policies and its path. */
  readonly name: string
  readonly limit: number
  readonly onStoreFailure: 'Allow' | 'Deny' | 'LocalFallback'
}

const anybody = {
  authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
  principal: [{ attribute: 'Anyone' }],
}

/** Of a day, so that nothing comes back while a test looks. */
const quota = ({ limit, onStoreFailure }: SharedRoute): object => ({
  name: 'shared',
  keys: [{ type: 'Route' }],
  algorithm: 'TokenBucket',
  rates: [{ limit, window: '24h', burst: limit }],
  scope: 'Shared',
  onStoreFailure,
})

/** Makes routes and waits until they are in force. */
export async function openShared(world: PolicyWorld, routes: readonly SharedRoute[]): Promise<void> {
  for (const route of routes) {
    await world.open(route.name, anybody)
    const limits: Manifest = {
      apiVersion: 'gatehouse.dev/v1alpha1',
      kind: 'AccessPolicy',
      metadata: { name: `${route.name}-quota`, namespace: world.shop },
      spec: {
        targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: route.name }],
        quotas: [quota(route)],
      },
    }
    await world.objects.apply(limits)
  }
  const wait = ['wait', '--for=condition=Programmed', '--timeout=60s']
  const names = routes.flatMap(({ name }) => [
    `gatewayroute/${name}`,
    `accesspolicy/${name}`,
    `accesspolicy/${name}-quota`,
  ])
  await world.node.kubectl(['-n', world.shop, ...wait, ...names])
}

/** Asks the data planes in turn, all at once. @returns how often each answer came */
export async function spend(world: PolicyWorld, name: string, count: number): Promise<Record<string, number>> {
  const { dataplanes } = world
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      world.ask(dataplanes[index % dataplanes.length] ?? '', { path: `/${name}` }),
    ),
  )
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}
