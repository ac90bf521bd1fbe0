import { host, type RedisGroup } from './redisGroup.ts'
import type { RedisServer } from './redisServer.ts'

/** What becomes of the leader of a store in the middle of its work. */
export interface StoreDisaster {
  readonly name: string
  /** One word, for names of quotas and of figures. */
  readonly key: string
  readonly begin: (leader: RedisServer, group: RedisGroup) => Promise<void>
  /** Brings back what is gone. */
  readonly end: (leader: RedisServer) => Promise<void>
  /** How long nobody takes writes: until it is ended, until another leads, or so short that nobody need notice. */
  readonly away: 'UntilEnded' | 'UntilReplaced' | 'Hardly'
  /** Whether the counts are still there afterwards. */
  readonly keeps: boolean
}

const nothing = (): Promise<void> => Promise.resolve()
const tell = async (leader: RedisServer, ...command: readonly string[]): Promise<void> =>
  void (await leader.ask(...command))

const kill = { begin: (leader: RedisServer) => leader.kill(), end: (leader: RedisServer) => leader.restart() }
const freeze = {
  begin: (leader: RedisServer) => Promise.resolve(leader.freeze()),
  end: (leader: RedisServer) => Promise.resolve(leader.thaw()),
}

/** Of a store of one server. */
export const disastersOfOne: readonly StoreDisaster[] = [
  { name: 'killed and started again', key: 'killed', ...kill, away: 'UntilEnded', keeps: false },
  { name: 'frozen', key: 'frozen', ...freeze, away: 'UntilEnded', keeps: true },
  {
    name: 'made read-only',
    key: 'readonly',
    begin: (leader) => tell(leader, 'REPLICAOF', host, '1'),
    end: (leader) => tell(leader, 'REPLICAOF', 'NO', 'ONE'),
    away: 'UntilEnded',
    keeps: true,
  },
  {
    name: 'out of memory',
    key: 'full',
    begin: (leader) => tell(leader, 'CONFIG', 'SET', 'maxmemory', '1'),
    end: (leader) => tell(leader, 'CONFIG', 'SET', 'maxmemory', '0'),
    away: 'UntilEnded',
    keeps: true,
  },
]

/** Of a store with a server that can take the leader's place. */
export const disastersOfGroup: readonly StoreDisaster[] = [
  {
    name: 'failed over by command',
    key: 'switched',
    begin: (_leader, group) => group.failOver(),
    end: nothing,
    away: 'Hardly',
    keeps: true,
  },
  {
    // Nobody follows it so closely: it takes no writes, and the others see nothing amiss.
    name: 'made read-only',
    key: 'readonly',
    begin: (leader) => tell(leader, 'CONFIG', 'SET', 'min-replicas-to-write', '2'),
    end: (leader) => tell(leader, 'CONFIG', 'SET', 'min-replicas-to-write', '0'),
    away: 'UntilEnded',
    keeps: true,
  },
  { name: 'killed', key: 'killed', ...kill, away: 'UntilReplaced', keeps: true },
  { name: 'frozen', key: 'frozen', ...freeze, away: 'UntilReplaced', keeps: true },
  {
    // Its replica takes over its emptiness.
    name: 'killed and started again at once',
    key: 'restarted',
    begin: (leader) => leader.restart(),
    end: nothing,
    away: 'Hardly',
    keeps: false,
  },
]
