import { afterEach, describe, expect, it } from 'vitest'
import { startCountingFleet, together, type CountingFleet, type FleetClients } from '../support/countingFleet.ts'
import { startRedis, type RedisServer } from '../support/redisServer.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const host = '127.0.0.1'
/** A second's worth for the whole fleet. */
const limit = 100
const perSecond = { rates: [{ limit, window: 1000, burst: limit }] }
const perHour = { rates: [{ limit, window: 3_600_000, burst: limit }] }

async function counting(quotas: Parameters<typeof startCountingFleet>[0]) {
  const redis = await startRedis()
  cleanups.push(() => redis.close())
  const fleet = await startCountingFleet(quotas, { type: 'Single', server: { host, port: redis.port } })
  cleanups.push(() => fleet.close())
  const clients = fleet.clients(50)
  cleanups.push(() => clients.close())
  return { redis, fleet, clients }
}

/** What may pass: what the bucket holds, and what flows back meanwhile. */
const allowed = (seconds: number): number => limit + limit * seconds

describe('four data planes that count together', () => {
  it('let through the limit and no more, asked three times as often', async () => {
    const { clients } = await counting({
      exact: together({ sharePercent: null, onStoreFailure: 'Deny' }, perSecond),
      leased: together({ sharePercent: 5, onStoreFailure: 'Deny' }, perSecond),
    })
    const exact = await clients.press('/exact', { rate: 3 * limit, seconds: 4 })
    const passed = exact.statuses.get(200) ?? 0
    expect([...exact.statuses.keys()].sort()).toEqual([200, 429])
    expect(passed).toBeLessThanOrEqual(allowed(exact.seconds))
    expect(passed).toBeGreaterThanOrEqual(0.95 * allowed(exact.seconds))
    const leased = await clients.press('/leased', { rate: 3 * limit, seconds: 4 })
    const given = leased.statuses.get(200) ?? 0
    // Each data plane may give out one share of the window before.
    expect(given).toBeLessThanOrEqual(allowed(leased.seconds) + 4 * 0.05 * limit)
    expect(given).toBeGreaterThanOrEqual(0.8 * allowed(leased.seconds))
  })
})

interface Disaster {
  readonly name: string
  readonly begin: (redis: RedisServer) => Promise<void> | void
  readonly end: (redis: RedisServer) => Promise<void> | void
  /** Whether the counts are still there afterwards. */
  readonly keeps: boolean
}

const disasters: readonly Disaster[] = [
  { name: 'killed and started again', begin: (redis) => redis.kill(), end: (redis) => redis.restart(), keeps: false },
  { name: 'frozen', begin: (redis) => redis.freeze(), end: (redis) => redis.thaw(), keeps: true },
  {
    name: 'made read-only',
    begin: async (redis) => void (await redis.ask('REPLICAOF', host, '1')),
    end: async (redis) => void (await redis.ask('REPLICAOF', 'NO', 'ONE')),
    keeps: true,
  },
  {
    name: 'out of memory',
    begin: async (redis) => void (await redis.ask('CONFIG', 'SET', 'maxmemory', '1')),
    end: async (redis) => void (await redis.ask('CONFIG', 'SET', 'maxmemory', '0')),
    keeps: true,
  },
]

/** Asks until each data plane knows that its store is gone, by a quota with room: what is full is refused by reading alone. */
async function untilDown(fleet: CountingFleet, clients: FleetClients): Promise<void> {
  let down = false
  const known = fleet.said('store-down').finally(() => (down = true))
  while (!down) await clients.press('/deny', { rate: 200, seconds: 0.1 })
  await known
}

describe.each(disasters)('a store that is $name', ({ begin, end, keeps }) => {
  it('makes each quota do what its author chose, and nobody wait', async () => {
    const { redis, fleet, clients } = await counting({
      allow: together({ sharePercent: null, onStoreFailure: 'Allow' }, perHour),
      deny: together({ sharePercent: null, onStoreFailure: 'Deny' }, perHour),
      local: together({ sharePercent: null, onStoreFailure: 'LocalFallback' }, perHour),
    })
    const load = { rate: 400, seconds: 0.5 }
    expect((await clients.press('/allow', load)).statuses).toEqual(new Map([[200, limit], [429, expect.any(Number)]]))
    await begin(redis)
    await untilDown(fleet, clients)
    const allow = await clients.press('/allow', load)
    expect([...allow.statuses.keys()]).toEqual([200])
    expect([...(await clients.press('/deny', load)).statuses.keys()]).toEqual([503])
    // A quarter of the limit at each of the four.
    expect((await clients.press('/local', load)).statuses.get(200)).toBe(limit)
    await end(redis)
    await fleet.said('store-up')
    const after = (await clients.press('/allow', load)).statuses
    expect(after.get(200) ?? 0).toBe(keeps ? 0 : limit)
  })
})
