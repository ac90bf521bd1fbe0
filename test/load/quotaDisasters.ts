import {
  startCountingFleet,
  together,
  type FleetClients,
  type CountingFleet,
  type Tally,
} from '../support/countingFleet.ts'
import { startCluster } from '../support/redisCluster.ts'
import { startLonelyRedis, type RedisGroup } from '../support/redisGroup.ts'
import type { Report } from '../support/report.ts'
import { startSentinelPair } from '../support/sentinelPair.ts'
import { disastersOfGroup, disastersOfOne, type StoreDisaster } from '../support/storeDisasters.ts'

const dataPlanes = 4
const clientsOfEach = 50
/** Units a second of the whole fleet, for each `onStoreFailure`. */
const limit = 100
const pressed = 3 * limit
/** Requests a second of a quota by the day, whose limit is this part of all that are sent. */
const slow = 50
const daily = 0.6
/** Most counts that were on their way from a leader to its replica, on one machine. */
const mostLost = 20
/** Most seconds for which the Sentinels leave two leaders. */
const mostTogether = 2

const stores = [
  ['single', startLonelyRedis, disastersOfOne],
  ['sentinel', startSentinelPair, disastersOfGroup],
  ['cluster', startCluster, disastersOfGroup],
] as const

export const disasterMethod = (seconds: number): string =>
  `**Disasters.** ${dataPlanes} data planes as processes, ${dataPlanes * clientsOfEach} connections, and a Redis alone, one with a replica and three Sentinels, and a Cluster of three with a replica. For ${seconds} s three times as many requests as the limit of ${limit} a second are sent to a quota with each \`onStoreFailure\`; half way the leader is killed, frozen by SIGSTOP, restarted, failed over by command or made read-only. Where nobody takes its place it comes back after ${seconds / 6} s. Admitted is of what may pass; \`LocalFallback\` has as much again at first, and so has a store whose counts are lost. Kept is what a quota by the day with \`Deny\` let through of its limit, most of which was counted before. Unexpected is each answer but 200, 429 and, with \`Deny\`, 503 \`quota-unavailable\`. Back is when every data plane has a store again. Added is the longest answer of a quota with \`Allow\` in the second that follows, without the median before.`

interface Subject {
  readonly group: RedisGroup
  readonly fleet: CountingFleet
  readonly clients: FleetClients
  /** Of the requests, in all. */
  readonly seconds: number
}

const perSecond = { rates: [{ limit, window: 1000, burst: limit }] }
const ample = { rates: [{ limit: 1_000_000, window: 1000, burst: 1_000_000 }] }
const exactly = (onStoreFailure: 'Allow' | 'Deny' | 'LocalFallback') =>
  ({ sharePercent: null, onStoreFailure }) as const
const dayLimit = (seconds: number): number => daily * slow * seconds

function quotasFor(disasters: readonly StoreDisaster[], seconds: number) {
  const most = dayLimit(seconds)
  const perDay = { rates: [{ limit: most, window: 86_400_000, burst: most }] }
  return {
    allow: together(exactly('Allow'), perSecond),
    deny: together(exactly('Deny'), perSecond),
    local: together(exactly('LocalFallback'), perSecond),
    away: together(exactly('LocalFallback'), perSecond),
    open: together(exactly('Allow'), ample),
    ...Object.fromEntries(disasters.map(({ key }) => [`kept-${key}`, together(exactly('Deny'), perDay)])),
  }
}

type Half = Readonly<Record<'allow' | 'deny' | 'local' | 'kept', Tally>>

async function pressHalf({ clients, seconds }: Subject, key: string): Promise<Half> {
  const load = { rate: pressed, seconds: seconds / 2 }
  const [allow, deny, local, kept] = await Promise.all([
    ...['/allow', '/deny', '/local'].map((path) => clients.press(path, load)),
    clients.press(`/kept-${key}`, { rate: slow, seconds: seconds / 2 }),
  ])
  return { allow: allow!, deny: deny!, local: local!, kept: kept! }
}

interface Strike {
  /** Seconds until every data plane had a store again. */
  readonly back: number
  /** What came of requests while every one of them knew that it had none; null = that was not waited for. */
  readonly meanwhile: Tally | null
}

async function strike({ group, fleet, clients, seconds }: Subject, disaster: StoreDisaster): Promise<Strike> {
  const { begin, end, away } = disaster
  const leader = await group.leader()
  const began = performance.now()
  await begin(leader, group)
  let meanwhile: Tally | null = null
  if (away === 'UntilEnded') {
    await fleet.settled('down')
    meanwhile = await clients.press('/away', { rate: pressed, seconds: seconds / 6 })
    await end(leader)
  } else if (away === 'UntilReplaced') await group.replaced(leader)
  await fleet.settled('up')
  const back = (performance.now() - began) / 1000
  if (away === 'UntilReplaced') await end(leader)
  return { back, meanwhile }
}

const passed = (tally: Tally): number => tally.statuses.get(200) ?? 0
const others = ({ statuses }: Tally, ...expected: readonly number[]): number =>
  [...statuses].reduce((sum, [status, times]) => sum + (expected.includes(status) ? 0 : times), 0)
const unexpectedOf = ({ allow, deny, local, kept }: Half): number =>
  others(allow, 200, 429) +
  others(local, 200, 429) +
  others(deny, 200, 429, 503) +
  others(kept, 200, 429, 503) +
  [...deny.failures, ...kept.failures].filter((code) => code !== 'quota-unavailable').length

/** What passed of what may in that time, as a part of it, and what the part may be when so many units more may. */
function admitted(tallies: readonly Tally[], more: number) {
  const seconds = tallies.reduce((sum, tally) => sum + tally.seconds, 0)
  const allowed = limit + limit * seconds
  const all = tallies.reduce((sum, tally) => sum + passed(tally), 0)
  return [all / allowed, 'of the limit', { atMost: (allowed + more) / allowed }] as const
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

async function measureOne(report: Report, subject: Subject, name: string, disaster: StoreDisaster): Promise<void> {
  const { group, clients, seconds } = subject
  await group.whole()
  const calm = await clients.press('/open', { rate: limit, seconds: 1 })
  const before = await pressHalf(subject, disaster.key)
  const [after, open, { back, meanwhile }] = await Promise.all([
    pressHalf(subject, disaster.key),
    clients.press('/open', { rate: limit, seconds: 1 }),
    strike(subject, disaster),
  ])
  const bothLead = disaster.away === 'Hardly' && group.bothLead
  // Who begins empty has a burst, and so has who led for a moment while another was asked.
  const anew = (disaster.keeps ? 0 : limit) + (bothLead ? limit * (1 + mostTogether) : 0)
  report.line(`${name}-deny-admitted`, ...admitted([before.deny, after.deny], anew + mostLost))
  const locally = admitted([before.local, after.local], 0)[0]
  report.line(`${name}-local-admitted`, locally, 'of the limit', { atMost: 2 })
  if (meanwhile !== null) report.line(`${name}-local-meanwhile`, ...admitted([meanwhile], 0))
  const most = dayLimit(seconds)
  const lost = disaster.keeps ? mostLost + (bothLead ? mostTogether * slow : 0) : most
  const kept = (passed(before.kept) + passed(after.kept)) / most
  report.line(`${name}-kept`, kept, 'of the limit', { atMost: (most + lost) / most })
  report.line(`${name}-unexpected`, unexpectedOf(before) + unexpectedOf(after), 'answers', { exactly: 0 })
  report.line(`${name}-deny-unavailable`, after.deny.statuses.get(503) ?? 0, 'answers', null)
  report.line(`${name}-back`, back, 's', null)
  report.line(`${name}-added`, Math.max(...open.took) - medianOf(calm.took), 'ms', { atMost: 50 })
}

/** @param seconds - of requests, for each disaster of each store */
export async function measureDisasters(report: Report, seconds: number): Promise<void> {
  for (const [topology, start, disasters] of stores) {
    const group = await start()
    await group.whole()
    const fleet = await startCountingFleet(quotasFor(disasters, seconds), { topology: group.topology, dataPlanes })
    const clients = fleet.clients(clientsOfEach)
    try {
      const subject = { group, fleet, clients, seconds }
      for (const disaster of disasters) await measureOne(report, subject, `store-${topology}-${disaster.key}`, disaster)
    } finally {
      clients.close()
      await fleet.close()
      await group.close()
    }
  }
}
