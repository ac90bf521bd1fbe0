import {
  startCountingFleet,
  together,
  type CountingFleet,
  type FleetClients,
  type Tally,
} from '../support/countingFleet.ts'
import { quota } from '../support/quota.ts'
import { scriptsRun, startRedis, type RedisServer } from '../support/redisServer.ts'
import type { Report } from '../support/report.ts'

const dataPlanes = 4
const clientsOfEach = 50
/** Units a second of the whole fleet. */
const limit = 200
const sharePercent = 10
const rates = [{ limit, window: 1000, burst: limit }]
const ample = [{ limit: 1_000_000, window: 1000, burst: 1_000_000 }]

interface Subject {
  readonly redis: RedisServer
  readonly fleet: CountingFleet
  readonly clients: FleetClients
}

export const storeMethod = `**Store.** ${dataPlanes} data planes as processes and one Redis on the same machine, ${dataPlanes * clientsOfEach} connections, three times as many requests as the limit of ${limit} a second, for a minute each. Admitted is what was answered 200 of what may pass: what the bucket holds and what flows back from the first request to the last answer. Calls are those that Redis counts itself. For the hang Redis is stopped by SIGSTOP under load; added is the longest answer of a quota with \`Allow\` in the second that follows, without the median of the second before.`

/** What may pass, in units. */
const allowed = ({ seconds }: Tally): number => limit + limit * seconds
const admitted = (tally: Tally): number => (tally.statuses.get(200) ?? 0) / allowed(tally)

const callsOf = ({ redis }: Subject): Promise<number> => scriptsRun(redis)

async function measureLimit(report: Report, subject: Subject, seconds: number): Promise<void> {
  const exact = admitted(await subject.clients.press('/exact', { rate: 3 * limit, seconds }))
  report.line('store-exact-admitted-least', exact, 'of the limit', { atLeast: 0.98 })
  report.line('store-exact-admitted-most', exact, 'of the limit', { atMost: 1 })
  const divided = admitted(await subject.clients.press('/divided', { rate: 3 * limit, seconds }))
  report.line('gateway-admitted-least', divided, 'of the limit', { atLeast: 0.98 })
  report.line('gateway-admitted-most', divided, 'of the limit', { atMost: 1 })
  const before = await callsOf(subject)
  const tally = await subject.clients.press('/leased', { rate: 3 * limit, seconds })
  const calls = ((await callsOf(subject)) - before) / (tally.took.length / 100)
  report.line('store-leased-admitted', admitted(tally), 'of the limit', {
    atMost: 1 + (dataPlanes * sharePercent) / 100,
  })
  report.line('store-leased-calls', calls, 'of 100 requests', { atMost: 2 })
  const wide = await callsOf(subject)
  const plenty = await subject.clients.press('/leased-ample', { rate: 3 * limit, seconds: seconds / 4 })
  const fewCalls = ((await callsOf(subject)) - wide) / (plenty.took.length / 100)
  report.line('store-leased-calls-below-the-limit', fewCalls, 'of 100 requests', { atMost: 2 })
}

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b)

async function measureHang(report: Report, { redis, fleet, clients }: Subject): Promise<void> {
  const calm = sorted((await clients.press('/allow', { rate: limit, seconds: 1 })).took)
  redis.freeze()
  const hung = sorted((await clients.press('/allow', { rate: limit, seconds: 1 })).took)
  redis.thaw()
  await fleet.settled('up')
  report.line('store-hang-added', hung.at(-1)! - calm[Math.floor(calm.length / 2)]!, 'ms', { atMost: 50 })
}

/** @param seconds - of the longest measurements */
export async function measureStore(report: Report, seconds: number): Promise<void> {
  const redis = await startRedis()
  const exactly = { sharePercent: null, onStoreFailure: 'Deny' } as const
  const leased = { sharePercent, onStoreFailure: 'Deny' } as const
  const quotas = {
    exact: together(exactly, { rates }),
    leased: together(leased, { rates }),
    divided: quota(['IP'], { scope: 'Gateway', rates }),
    'leased-ample': together(leased, { rates: ample }),
    allow: together({ sharePercent: null, onStoreFailure: 'Allow' }, { rates: ample }),
  }
  const topology = { type: 'Single', server: { host: '127.0.0.1', port: redis.port } } as const
  const fleet = await startCountingFleet(quotas, { topology, dataPlanes })
  const clients = fleet.clients(clientsOfEach)
  try {
    const subject = { redis, fleet, clients }
    await measureLimit(report, subject, seconds)
    await measureHang(report, subject)
  } finally {
    clients.close()
    await fleet.close()
    await redis.close()
  }
}
