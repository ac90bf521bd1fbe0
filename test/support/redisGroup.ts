import { freePorts } from '../cluster/freePorts.ts'
import { startRedis, type RedisServer } from './redisServer.ts'
import { waitUntil } from './waitUntil.ts'

const host = '127.0.0.1'

/** A server, a replica of it and three Sentinels that watch both. */
export interface SentinelPair {
  readonly primary: string
  readonly leader: RedisServer
  readonly replica: RedisServer
  readonly sentinels: readonly RedisServer[]
  /** Resolves when all know of each other, so that they can make the replica the leader. */
  settled(): Promise<void>
  close(): Promise<void>
}

export async function startSentinelPair(): Promise<SentinelPair> {
  const primary = 'shop'
  const leader = await startRedis()
  const replica = await startRedis({ lines: [`replicaof ${host} ${leader.port}`] })
  const lines = [
    `sentinel monitor ${primary} ${host} ${leader.port} 2`,
    `sentinel down-after-milliseconds ${primary} 500`,
    `sentinel failover-timeout ${primary} 3000`,
  ]
  const sentinels = await Promise.all(Array.from({ length: 3 }, () => startRedis({ program: 'redis-sentinel', lines })))
  const knows = async (sentinel: RedisServer): Promise<boolean> => {
    const others = await sentinel.ask('SENTINEL', 'SENTINELS', primary)
    const replicas = await sentinel.ask('SENTINEL', 'REPLICAS', primary)
    const synced = String(await replica.ask('INFO', 'replication')).includes('master_link_status:up')
    return synced && Array.isArray(others) && others.length === 2 && Array.isArray(replicas) && replicas.length === 1
  }
  return {
    ...{ primary, leader, replica, sentinels },
    settled: async () => {
      for (const sentinel of sentinels) await waitUntil(() => knows(sentinel), 'the Sentinels know of each other')
    },
    close: async () => {
      await Promise.all([...sentinels, replica, leader].map((server) => server.close()))
    },
  }
}

/** Three nodes that share the slots. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  /** Moves the slot of a key, with what is in it, to another node. */
  move(key: string): Promise<void>
  close(): Promise<void>
}

const slots = 16_384

export async function startCluster(): Promise<RedisCluster> {
  const lines = ['cluster-enabled yes', 'cluster-node-timeout 2000', 'cluster-require-full-coverage no']
  const ports = await freePorts(6)
  const nodes = await Promise.all(
    [0, 1, 2].map((index) =>
      startRedis({ port: ports[index]!, lines: [...lines, `cluster-port ${ports[index + 3]}`] }),
    ),
  )
  const share = Math.ceil(slots / nodes.length)
  for (const [index, node] of nodes.entries()) {
    const last = Math.min(slots, (index + 1) * share) - 1
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last))
    await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
  }
  const [first, ...others] = nodes
  for (const [index, node] of others.entries())
    await first!.ask('CLUSTER', 'MEET', host, String(node.port), String(ports[index + 4]))
  const whole = async (node: RedisServer): Promise<boolean> => {
    const info = String(await node.ask('CLUSTER', 'INFO'))
    return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${slots}`)
  }
  for (const node of nodes) await waitUntil(() => whole(node), 'the nodes are one Cluster')
  return {
    nodes,
    move: async (key) => moveSlot(nodes, key),
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
}

async function moveSlot(nodes: readonly RedisServer[], key: string): Promise<void> {
  const slot = String(await nodes[0]!.ask('CLUSTER', 'KEYSLOT', key))
  const ids = await Promise.all(nodes.map(async (node) => String(await node.ask('CLUSTER', 'MYID'))))
  const counts = await Promise.all(nodes.map((node) => node.ask('CLUSTER', 'COUNTKEYSINSLOT', slot)))
  const from = counts.findIndex((count) => Number(count) > 0)
  const to = (from + 1) % nodes.length
  await nodes[to]!.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from]!)
  await nodes[from]!.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to]!)
  const keys = (await nodes[from]!.ask('CLUSTER', 'GETKEYSINSLOT', slot, '1000')) as readonly string[]
  for (const one of keys) await nodes[from]!.ask('MIGRATE', host, String(nodes[to]!.port), one, '0', '5000')
  for (const node of [nodes[to]!, nodes[from]!]) await node.ask('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to]!)
}
