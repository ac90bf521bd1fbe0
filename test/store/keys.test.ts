import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../dataplane/src/clock.ts'
import { meterOf } from '../../dataplane/src/policy/meter.ts'
import { keyOf, type KeyPlan } from '../../dataplane/src/policy/quotaKeys.ts'
import type { SharedStore } from '../../dataplane/src/state/store/sharedStore.ts'
import { createStores, type Stores } from '../../dataplane/src/state/store/stores.ts'
import { changes } from '../support/changes.ts'
import { startRedis, type RedisServer } from '../support/redisServer.ts'

let redis: RedisServer
let stores: Stores
let store: SharedStore
beforeAll(async () => {
  redis = await startRedis()
  const states = changes<unknown>()
  stores = createStores({ clock: systemClock, random: () => 0, deadline: 10_000 }, (fault) => states.add(fault))
  store = stores.acquire('one', {
    store: {
      installation: 'gatehouse-system/edge',
      topology: { type: 'Single', server: { host: '127.0.0.1', port: redis.port } },
      tls: null,
      login: null,
    },
    outbound: { podCIDRs: [], allowLoopback: true, deniedAddresses: [] },
  }).value
  await states.at(0)
})
afterAll(async () => {
  stores.close()
  await redis.close()
})

const once = meterOf('FixedWindow', { limit: 1, burst: 1, window: 3_600_000 })
const plan: KeyPlan = { level: 3, parts: [{ type: 'IP' }, { type: 'Route' }], header: null }

const valueOf = (network: string | null, route: string): string =>
  keyOf(plan, { method: 'GET', network, route, headers: new Map(), principal: null }, 0)

async function passes(counter: string, value: string): Promise<boolean> {
  const key = store.keys.count(counter, value)
  const phase = await store.count('ask', [{ key, meter: once, cost: 1, most: 1 }], 'shop')
  if (typeof phase === 'string') throw new Error(`the store does not answer: ${phase}`)
  return phase.passed
}

const odd = [
  ['1', '2:3'],
  ['1:2', '3'],
  ['12', '3'],
  ['1', '23'],
  [null, '123'],
  ['-', '123'],
  ['', '123'],
  ['}', '{'],
  ['{other/edge}', 'x'],
  ["' redis.call('FLUSHALL') --", ']]'],
  ['\r\n*1\r\n$8\r\nFLUSHALL\r\n', '\0'],
  ['ü'.repeat(200), 'x'],
  ['u'.repeat(200), 'x'],
] as const

it('counts each key by itself, whatever is in it', async () => {
  for (const [network, route] of odd) expect(await passes('["shop/p","q"]', valueOf(network, route))).toBe(true)
  for (const [network, route] of odd) expect(await passes('["shop/p","q"]', valueOf(network, route))).toBe(false)
})

it('counts the same key of another policy by itself', async () => {
  expect(await passes('["docs/p","q"]', valueOf('1', '2:3'))).toBe(true)
})

it('keeps all keys of an installation on one node of a Cluster', async () => {
  const keys = (await redis.ask('KEYS', '*')) as readonly string[]
  expect(keys.length).toBeGreaterThan(odd.length)
  const tags = new Set(keys.map((key) => /\{(.*?)\}/.exec(key)?.[1]))
  expect([...tags]).toEqual(['gatehouse-system/edge'])
})
