import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCountingFleet, together, type CountingFleet, type FleetClients } from '../support/countingFleet.ts'
import { host, startLonelyRedis } from '../support/redisGroup.ts'
import { startRedis, type RedisServer } from '../support/redisServer.ts'
import { disastersOfOne } from '../support/storeDisasters.ts'
import { describeDisasters } from './disasterCases.ts'

/** A second's worth for the whole fleet. */
const limit = 100
const perSecond = { rates: [{ limit, window: 1000, burst: limit }] }
/** What may pass: what the bucket holds, and what flows back meanwhile. */
const allowed = (seconds: number): number => limit + limit * seconds

describe('four data planes that count together', () => {
  let redis: RedisServer
  let fleet: CountingFleet
  let clients: FleetClients
  beforeAll(async () => {
    redis = await startRedis()
    const quotas = {
      exact: together({ sharePercent: null, onStoreFailure: 'Deny' }, perSecond),
      leased: together({ sharePercent: 5, onStoreFailure: 'Deny' }, perSecond),
    }
    fleet = await startCountingFleet(quotas, { topology: { type: 'Single', server: { host, port: redis.port } } })
    clients = fleet.clients(50)
  })
  afterAll(async () => {
    clients.close()
    await fleet.close()
    await redis.close()
  })

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

describe('a store of one server', () => {
  describeDisasters(startLonelyRedis, disastersOfOne)
})
