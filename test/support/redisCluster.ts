import { freePorts } from '../cluster/freePorts.ts'
import { host, RedisPair, type RedisGroup } from './redisGroup.ts'
import { startRedis, type RedisServer } from './redisServer.ts'
import { waitUntil } from './waitUntil.ts'

/** Three nodes that share the slots, and a fourth that follows the one with the counters of the tests' installation. */
export interface RedisCluster extends RedisGroup {
  /** Those that have slots in the beginning. */
  readonly nodes: readonly RedisServer[]
  /** Moves the slot of a key, with what is in it, to another node. */
  move(key: string): Promise<void>
}

const slots = 16_384
const installationKey = 'gatehouse:{gatehouse-system/edge}:'

/** One that is not part of anything yet. */
async function startNode(): Promise<RedisServer & { readonly busPort: number }> {
  const [port, busPort] = await freePorts(2)
  const lines = [
    `cluster-port ${busPort}`,
    'cluster-enabled yes',
    'cluster-node-timeout 2000',
    'cluster-require-full-coverage no',
  ]
  return { ...(await startRedis({ port: port!, lines })), busPort: busPort! }
}

export async function startCluster(): Promise<RedisCluster> {
  const [nodes, follower] = [await Promise.all([startNode(), startNode(), startNode()]), await startNode()]
  const all = [...nodes, follower]
  const share = Math.ceil(slots / nodes.length)
  for (const [index, node] of nodes.entries()) {
    const last = Math.min(slots, (index + 1) * share) - 1
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last))
    await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
  }
  const [first, ...others] = all
  for (const { port, busPort } of others) await first!.ask('CLUSTER', 'MEET', host, String(port), String(busPort))
  for (const node of all) await waitUntil(() => isWhole(node, all.length), 'the nodes are one Cluster')
  const slot = Number(await first!.ask('CLUSTER', 'KEYSLOT', installationKey))
  const owner = nodes[Math.floor(slot / share)]!
  await follower.ask('CLUSTER', 'REPLICATE', String(await owner.ask('CLUSTER', 'MYID')))
  const pair = new RedisPair(owner, follower)
  return {
    nodes,
    topology: { type: 'Cluster', nodes: all.map(({ port }) => ({ host, port })) },
    move: async (key) => moveSlot(nodes, key),
    leader: () => pair.leader(),
    replaced: (leader) => pair.replaced(leader),
    failOver: async () => {
      const leader = await pair.leader()
      await pair.other(leader).ask('CLUSTER', 'FAILOVER')
      await pair.replaced(leader)
    },
    bothLead: false,
    whole: async () => {
      await pair.whole()
      for (const node of all) await waitUntil(() => isWhole(node, all.length), 'the nodes are one Cluster')
    },
    replicated: async () => pair.replicated(await pair.leader()),
    close: async () => {
      await Promise.all(all.map((node) => node.close()))
    },
  }
}

async function isWhole(node: RedisServer, nodes: number): Promise<boolean> {
  const info = String(await node.ask('CLUSTER', 'INFO'))
  return [`cluster_state:ok`, `cluster_slots_ok:${slots}`, `cluster_known_nodes:${nodes}`].every((fact) =>
    info.includes(fact),
  )
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
