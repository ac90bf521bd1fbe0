import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCountingFleet, together, type CountingFleet, type FleetClients } from '../support/countingFleet.ts'
import { startRedis, type RedisServer } from '../support/redisServer.ts'

const host = '127.0.0.1'
/** A second's worth for the whole fleet. */
const limit = 100
const perSecond = { rates: [{ limit, window: 1000, burst: limit }] }
const roomy = { rates: [{ limit: 1_000_000, window: 1000, burst: 1_000_000 }] }
const perHour = { rates: [{ limit, window: 3_600_000, burst: limit }] }

/** What may pass: what the bucket holds, and what flows back meanwhile. */
const allowed = (seconds: number): number => limit + limit * seconds

interface Disaster {
  readonly name: string
  /** Of its own quotas. */
  readonly key: string
  readonly begin: (redis: RedisServer) => Promise<void> | void
  readonly end: (redis: RedisServer) => Promise<void> | void
  /** Whether the counts are still there afterwards. */
  readonly keeps: boolean
}

const disasters: readonly Disaster[] = [
  {
    name: 'killed and started again',
    key: 'killed',
    begin: (redis) => redis.kill(),
    end: (redis) => redis.restart(),
    keeps: false,
  },
  { name: 'frozen', key: 'frozen', begin: (redis) => redis.freeze(), end: (redis) => redis.thaw(), keeps: true },
  {
    name: 'made read-only',
    key: 'readonly',
    begin: async (redis) => void (await redis.ask('REPLICAOF', host, '1')),
    end: async (redis) => void (await redis.ask('REPLICAOF', 'NO', 'ONE')),
    keeps: true,
  },
  {
    name: 'out of memory',
    key: 'full',
    begin: async (redis) => void (await redis.ask('CONFIG', 'SET', 'maxmemory', '1')),
    end: async (redis) => void (await redis.ask('CONFIG', 'SET', 'maxmemory', '0')),
    keeps: true,
  },
]

let redis: RedisServer
let fleet: CountingFleet
let clients: FleetClients
beforeAll(async () => {
  redis = await startRedis()
  const own = disasters.flatMap(({ key }) => [
    [`allow-${key}`, together({ sharePercent: null, onStoreFailure: 'Allow' }, perHour)] as const,
    [`deny-${key}`, together({ sharePercent: null, onStoreFailure: 'Deny' }, perHour)] as const,
    [`local-${key}`, together({ sharePercent: null, onStoreFailure: 'LocalFallback' }, perHour)] as const,
  ])
  const quotas = {
    exact: together({ sharePercent: null, onStoreFailure: 'Deny' }, perSecond),
    leased: together({ sharePercent: 5, onStoreFailure: 'Deny' }, perSecond),
    roomy: together({ sharePercent: null, onStoreFailure: 'Deny' }, roomy),
    ...Object.fromEntries(own),
  }
  fleet = await startCountingFleet(quotas, { type: 'Single', server: { host, port: redis.port } })
  clients = fleet.clients(50)
})
afterAll(async () => {
  clients.close()
  await fleet.close()
  await redis.close()
})

describe('four data planes that count together', () => {
  it('let through the limit and no more, asked three times as often', async () => {
    const exact = await clients.press('/exact', { rate: 3 * limit, seconds: 4 })
    const passed = exact.statuses.get(200) ?? 0
    expect(exact.statuses.get(429)).toBeGreaterThan(limit)
    expect(passed).toBeLessThanOrEqual(allowed(exact.seconds))
    // What an answer that came too late on a busy machine was about is charged, too.
    expect(passed + (exact.statuses.get(503) ?? 0)).toBeGreaterThanOrEqual(0.95 * allowed(exact.seconds))
    const leased = await clients.press('/leased', { rate: 3 * limit, seconds: 4 })
    const given = leased.statuses.get(200) ?? 0
    // Each data plane may give out one share of the window before.
    expect(given).toBeLessThanOrEqual(allowed(leased.seconds) + 4 * 0.05 * limit)
    expect(given).toBeGreaterThanOrEqual(0.8 * allowed(leased.seconds))
  })
})

/** Asks a quota with room until each data plane knows that its store is gone: what is full is refused by reading alone. */
async function untilDown(): Promise<void> {
  let down = false
  const known = fleet.settled('down').finally(() => (down = true))
  while (!down) await clients.press('/roomy', { rate: 200, seconds: 0.1 })
  await known
}

describe.each(disasters)('a store that is $name', ({ key, begin, end, keeps }) => {
  it('makes each quota do what its author chose, and nobody wait', async () => {
    const load = { rate: 400, seconds: 0.5 }
    const before = (await clients.press(`/deny-${key}`, load)).statuses.get(200) ?? 0
    expect(before).toBeLessThanOrEqual(limit)
    await begin(redis)
    try {
      await untilDown()
      expect([...(await clients.press(`/allow-${key}`, load)).statuses.keys()]).toEqual([200])
      expect([...(await clients.press(`/deny-${key}`, load)).statuses.keys()]).toEqual([503])
      const local = await clients.press(`/local-${key}`, { rate: 400, seconds: 1 })
      // A quarter of the limit at each of the four.
      expect(local.statuses.get(200)).toBeLessThanOrEqual(limit)
      expect([...local.statuses.keys()].sort((a, b) => a - b)).toEqual([200, 429])
    } finally {
      await end(redis)
    }
    await fleet.settled('up')
    const after = (await clients.press(`/deny-${key}`, load)).statuses.get(200) ?? 0
    if (keeps) expect(before + after).toBeLessThanOrEqual(limit)
    else expect(after).toBeGreaterThan(0)
  })
})
