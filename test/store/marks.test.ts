import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../dataplane/src/clock.ts'
import { meterOf } from '../../dataplane/src/policy/meter.ts'
import { createStores } from '../../dataplane/src/state/store/stores.ts'
import { changes } from '../support/changes.ts'
import { startRedis } from '../support/redisServer.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const now = systemClock.now()
const use = (id: number) => ({ principal: '["shop/p/idp","https://idp","ada"]', id: String(id), until: now + 5000 })

/** The stores of two data planes. */
async function twoPlanes(
  lines: readonly string[] = [],
  login: { readonly username: string; readonly password: string } | null = null,
) {
  const redis = await startRedis({ lines })
  cleanups.push(() => redis.close())
  const settings = {
    store: {
      installation: 'gatehouse-system/edge',
      topology: { type: 'Single' as const, server: { host: '127.0.0.1', port: redis.port } },
      tls: null,
      login,
    },
    outbound: { podCIDRs: [], allowLoopback: true, deniedAddresses: [] },
  }
  const planes = [0, 1].map(() => {
    const states = changes<unknown>()
    const stores = createStores({ clock: systemClock, random: () => 0, deadline: 10_000 }, (fault) => states.add(fault))
    cleanups.push(() => stores.close())
    return { store: stores.acquire('one', settings).value, states }
  })
  for (const { states } of planes) await states.at(0)
  return { redis, planes }
}

it('lets a credential count once, however many data planes are asked at the same time', async () => {
  const { planes } = await twoPlanes()
  for (let id = 0; id < 50; id++) {
    const answers = await Promise.all(
      planes.flatMap(({ store }) => [store.mark(use(id), now, 'shop'), store.mark(use(id), now, 'shop')]),
    )
    expect(answers.toSorted()).toEqual(['first', 'seen', 'seen', 'seen'])
  }
})

it('remembers it longer than any data plane would take it', async () => {
  const { redis, planes } = await twoPlanes()
  await planes[0]!.store.mark(use(1), now, 'shop')
  const [key] = (await redis.ask('KEYS', '*:once:*')) as readonly [string]
  expect(Number(await redis.ask('PTTL', key))).toBeGreaterThan(5000 + 30_000)
})

it('says that it does not know when the store is gone', async () => {
  const { redis, planes } = await twoPlanes()
  await redis.kill()
  expect(await planes[0]!.store.mark(use(1), now, 'shop')).toBe('unknown')
})

it('needs no more rights than the guide names', async () => {
  const guide = readFileSync('docs/guides/quotas.md', 'utf8')
  const rights = /no more than `(~gatehouse:[^`]+)`/.exec(guide)?.[1]
  const { planes } = await twoPlanes(['user default off', `user gatehouse on >secret ${rights}`], {
    username: 'gatehouse',
    password: 'secret',
  })
  const { store } = planes[0]!
  const key = store.keys.count('counter', 'value')
  const meter = meterOf('TokenBucket', { limit: 10, burst: 10, window: 1000 })
  expect(await store.count('ask', [{ key, meter, cost: 1, most: 1 }], 'shop')).toMatchObject({ passed: true })
  expect(await store.count('weigh', [{ key, meter, cost: 1, most: 1 }], 'shop')).toMatchObject({ passed: true })
  expect(await store.mark(use(1), now, 'shop')).toBe('first')
  expect(await store.forget([key])).toBe(1)
})
