import { host, leads, RedisPair, type RedisGroup } from './redisGroup.ts'
import { startRedis, type RedisServer } from './redisServer.ts'
import { waitUntil } from './waitUntil.ts'

/** A server, a replica of it and three Sentinels that watch both. */
export interface SentinelPair extends RedisGroup {
  readonly topology: Extract<RedisGroup['topology'], { type: 'Sentinel' }>
  /** Who leads in the beginning, and who follows. */
  readonly first: RedisServer
  readonly second: RedisServer
  readonly sentinels: readonly RedisServer[]
  /** Resolves when these Sentinels name this server as the leader. */
  named(server: RedisServer, by: readonly RedisServer[]): Promise<void>
}

const primary = 'shop'
const patience = { within: 30_000 }

/** What a Sentinel says: names and values in turn. */
async function told(sentinel: RedisServer, ...question: readonly string[]): Promise<readonly string[]> {
  const reply = await sentinel.ask('SENTINEL', ...question)
  return Array.isArray(reply) ? reply.flat().map(String) : []
}

/** Whether a Sentinel could make the other the leader, with those who must agree. */
async function ready(sentinel: RedisServer, leader: RedisServer, other: RedisServer): Promise<boolean> {
  const replica = await told(sentinel, 'REPLICAS', primary)
  return (
    (await names(sentinel, leader)) &&
    replica[replica.indexOf('port') + 1] === String(other.port) &&
    replica[replica.indexOf('flags') + 1] === 'slave' &&
    (await told(sentinel, 'SENTINELS', primary)).filter((field) => field === 'runid').length === 2
  )
}

const names = async (sentinel: RedisServer, { port }: RedisServer): Promise<boolean> =>
  (await told(sentinel, 'GET-MASTER-ADDR-BY-NAME', primary)).at(1) === String(port)

export async function startSentinelPair(): Promise<SentinelPair> {
  const first = await startRedis()
  const second = await startRedis({ lines: [`replicaof ${host} ${first.port}`] })
  const lines = [
    `sentinel monitor ${primary} ${host} ${first.port} 2`,
    `sentinel down-after-milliseconds ${primary} 500`,
    `sentinel failover-timeout ${primary} 2000`,
  ]
  const sentinels = await Promise.all(Array.from({ length: 3 }, () => startRedis({ program: 'redis-sentinel', lines })))
  const pair = new RedisPair(first, second)
  const agreeOn = async (server: RedisServer): Promise<boolean> =>
    (await Promise.all(sentinels.map((sentinel) => names(sentinel, server)))).every(Boolean)
  // Two seconds after a failover some of them have not heard of it.
  const leader = async (): Promise<RedisServer> => {
    await waitUntil(async () => (await agreeOn(first)) || agreeOn(second), 'the Sentinels agree', patience)
    return (await agreeOn(first)) ? first : second
  }
  const servers = sentinels.map(({ port }) => ({ host, port }))
  return {
    ...{ first, second, sentinels },
    topology: { type: 'Sentinel', sentinels: servers, primary, login: null },
    leader,
    replaced: (before) => pair.replaced(before),
    named: async (server, by) => {
      for (const sentinel of by) await waitUntil(() => names(sentinel, server), 'the Sentinels name it', patience)
    },
    failOver: async () => {
      const before = await leader()
      await sentinels[0]!.ask('SENTINEL', 'FAILOVER', primary)
      await pair.replaced(before)
    },
    // The Sentinels see a second later that the other leads, and only then end the first.
    bothLead: true,
    whole: async () => {
      const now = await leader()
      const other = pair.other(now)
      // As the Sentinels would themselves, ten seconds after it came back.
      if (await leads(other)) await other.ask('REPLICAOF', host, String(now.port))
      await pair.whole()
      for (const sentinel of sentinels)
        await waitUntil(() => ready(sentinel, now, other), 'the Sentinels know of all', patience)
    },
    replicated: async () => pair.replicated(await leader()),
    close: async () => {
      await Promise.all([...sentinels, second, first].map((server) => server.close()))
    },
  }
}
