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

/** Answered while the store does not answer in time, whether it has charged the request or not. */
export const unavailable = '503 quota-unavailable'

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

/** What became of requests that were counted together. */
export interface Spent {
  readonly passed: number
  /** May have been charged. */
  readonly unsure: number
}

/**
 * Asks a few at a time, for the store has 40 ms, and goes on when it is there again.
 *
 * @param there - waits for the store
 * @throws Error when an answer is neither 200, nor 429, nor that the store was late
 */
export async function spendSlowly(
  world: PolicyWorld,
  name: string,
  count: number,
  there: () => Promise<unknown>,
): Promise<Spent> {
  const few = 2 * world.dataplanes.length
  const sum = { passed: 0, unsure: 0 }
  for (let sent = 0; sent < count; sent += few) {
    const answers = await spend(world, name, few)
    const { 200: passed = 0, [unavailable]: unsure = 0, '429 quota-exceeded': refused = 0 } = answers
    if (passed + unsure + refused !== few) throw new Error(`/${name} was answered ${JSON.stringify(answers)}`)
    sum.passed += passed
    sum.unsure += unsure
    if (unsure > 0) await there()
  }
  return sum
}
