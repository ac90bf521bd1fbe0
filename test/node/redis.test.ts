import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { abuse } from '../load/abuseScripts.ts'
import { createAuthority, type Authority } from '../support/authority.ts'
import { createReport } from '../support/report.ts'
import { waitUntil } from '../support/waitUntil.ts'
import { abuseValues, trusted } from './abuse/abuseObjects.ts'
import { abuseSocket, openAbuseScene } from './abuse/abuseScene.ts'
import { giveClocks } from './abuse/steerClocks.ts'
import { installKinds } from './gatehouseRelease.ts'
import { killContainer } from './killContainer.ts'
import { soon } from './policy/bounds.ts'
import { identityProviderPort } from './policy/identityProvider.ts'
import { openWorld, untilAll, type PolicyWorld } from './policy/policyWorld.ts'
import { openShared, spend, spendSlowly, unavailable, type Spent } from './quota/sharedCounts.ts'
import { redisImage } from './redisImage.ts'
import { sharedNode } from './sharedNode.ts'
import { installTarget, type Target } from './withRelease.ts'

const limit = 40

/** What was answered late may have been charged; nothing passes beyond, and nothing is lost. */
function expectExactly(most: number, { passed, unsure }: Spent): void {
  process.stderr.write(`${passed} of ${most} passed, ${unsure} were answered without the store\n`)
  expect(passed).toBeLessThanOrEqual(most)
  expect(passed + unsure).toBeGreaterThanOrEqual(most)
}

/** Two data planes that count together in the Redis of the chart. */
describe('an installation with a Redis of its own', () => {
  const node = sharedNode()
  let authority: Authority
  let target: Target
  let world: PolicyWorld
  let values: object

  const openTheWorld = (): Promise<PolicyWorld> => openWorld(node, target, { [abuseSocket]: identityProviderPort })
  /** Never spent, so that it tells whether the store is there. */
  const probed = (answer: string): Promise<number> => untilAll(world, performance.now(), { path: '/probe' }, answer)
  const spendAll = (count: number): Promise<Spent> => spendSlowly(world, 'exact', count, () => probed('200'))
  const redis = (...args: readonly string[]): Promise<string> => target.release.kubectl(...args)
  const password = (): Promise<string> => redis('get', 'secret', 'edge-redis', '-o', 'jsonpath={.data.password}')

  beforeAll(async () => {
    authority = await createAuthority('Outside')
    await installKinds(node)
    target = await installTarget(node, 'shared', async (namespace, shop) => {
      await node.apply([trusted(namespace, authority)])
      values = { ...abuseValues(shop), redis: { enabled: true, image: redisImage } }
      return values
    })
    world = await openTheWorld()
    await openShared(world, [
      { name: 'probe', limit: 1_000_000, onStoreFailure: 'Deny' },
      { name: 'exact', limit, onStoreFailure: 'Deny' },
      { name: 'free', limit: 2, onStoreFailure: 'Allow' },
      { name: 'local', limit, onStoreFailure: 'LocalFallback' },
    ])
    await probed('200')
  }, 300_000)
  afterAll(async () => {
    await world.close()
    await target.release.remove()
  })

  it('counts exactly, and goes on where it was after a data plane was killed', async () => {
    const first = await spendAll(24)
    expectExactly(24, first)
    const before = await target.release.containers('dataplane')
    await killContainer(node, before[0] ?? '')
    await waitUntil(
      async () => (await target.release.containers('dataplane'))[0] !== before[0],
      'the container has another after it',
      { every: 250 },
    )
    await probed('200')
    const second = await spendAll(60)
    expectExactly(limit, { passed: first.passed + second.passed, unsure: first.unsure + second.unsure })
  })

  it('does without Redis as each quota says, and begins anew with another', async () => {
    await redis('scale', 'deployment/edge-redis', '--replicas=0')
    await redis('wait', '--for=delete', 'pod', '-l', 'app.kubernetes.io/component=redis', '--timeout=60s')
    await probed(unavailable)
    expect(await spend(world, 'exact', 10)).toEqual({ [unavailable]: 10 })
    expect(await spend(world, 'free', 20)).toEqual({ '200': 20 })
    expect(await spend(world, 'local', 60)).toEqual({ '200': limit, '429 quota-exceeded': 60 - limit })
    await redis('scale', 'deployment/edge-redis', '--replicas=1')
    await redis('rollout', 'status', 'deployment/edge-redis', '--timeout=60s')
    await probed('200')
    expectExactly(limit, await spendAll(60))
  })

  it('keeps its login over an upgrade, and takes in nobody else', async () => {
    const before = await password()
    await target.release.upgrade({ ...values, redis: { enabled: true, image: redisImage, memory: 64 } }, '--wait')
    expect(await password()).toBe(before)
    await probed('200')
    const address = await redis('get', 'service', 'edge-redis', '-o', 'jsonpath={.spec.clusterIP}')
    const stranger = await world.bridge.connect(address, 6379)
    stranger.write('PING\r\nQUIT\r\n')
    expect(await text(stranger)).toMatch(/^-NOAUTH /)
  })

  it('lets thieves and guessers through no further than written, logs each of them and tells of spikes', async () => {
    await giveClocks(node, target.release)
    await world.close()
    world = await openTheWorld()
    const scene = await openAbuseScene(world, authority)
    const report = createReport()
    try {
      const sizes = { days: 1, stuffing: 10, each: 20, spraying: 100, theft: 600, denied: soon }
      await abuse(scene, sizes, report)
    } finally {
      await scene.close()
    }
    expect(report.ok()).toBe(true)
  })
})
