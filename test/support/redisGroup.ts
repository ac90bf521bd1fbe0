import type { QuotaStore } from '@gatehouse/contract'
import { startRedis, type RedisServer } from './redisServer.ts'
import { waitUntil } from './waitUntil.ts'

/** Where all servers listen. */
export const host = '127.0.0.1'

/** A store of data planes: a server that takes their writes, and perhaps one that can take its place. */
export interface RedisGroup {
  readonly topology: QuotaStore['topology']
  /** Who leads; not to be asked while a server is frozen. */
  leader(): Promise<RedisServer>
  /** Resolves when another than this one leads. */
  replaced(leader: RedisServer): Promise<void>
  /** Makes the other the leader, by command. */
  failOver(): Promise<void>
  /** Whether both lead for a moment then, so that what the one counts in it is lost. */
  readonly bothLead: boolean
  /** Resolves when one leads, and the other follows it and can take its place. */
  whole(): Promise<void>
  /** Resolves when whoever can take the leader's place has all that it has written. */
  replicated(): Promise<void>
  close(): Promise<void>
}

/** What a server says of its part in a group; nothing while it is gone, or as it changes, which ends connections. */
const partOf = (server: RedisServer): Promise<string> => server.ask('INFO', 'replication').then(String, () => '')

export const leads = async (server: RedisServer): Promise<boolean> => (await partOf(server)).includes('role:master')
/** A leader sends nothing before its replica has said, within a second, that it has all until then. */
const sends = async (leader: RedisServer): Promise<boolean> =>
  /role:master[^]*state=online,offset=[1-9]/.test(await partOf(leader))
const follows = async (server: RedisServer, leader: RedisServer): Promise<boolean> => {
  const part = await partOf(server)
  return part.includes('master_link_status:up') && part.includes(`master_port:${leader.port}\r`)
}

/** Two servers of which one follows the other. */
export class RedisPair {
  readonly #members: readonly [RedisServer, RedisServer]

  constructor(...members: readonly [RedisServer, RedisServer]) {
    this.#members = members
  }

  async leader(): Promise<RedisServer> {
    const [one, two] = this.#members
    return (await leads(one)) ? one : two
  }

  other(server: RedisServer): RedisServer {
    const [one, two] = this.#members
    return server === one ? two : one
  }

  /** Resolves when each is what it is to be. */
  async whole(): Promise<void> {
    const [one, two] = this.#members
    const fits = async (leader: RedisServer, other: RedisServer): Promise<boolean> =>
      (await sends(leader)) && (await follows(other, leader))
    await waitUntil(async () => (await fits(one, two)) || fits(two, one), 'one leads and the other follows')
  }

  async replicated(leader: RedisServer): Promise<void> {
    const written = Number(/master_repl_offset:(\d+)/.exec(await partOf(leader))?.[1])
    const read = async (): Promise<number> =>
      Number(/slave_repl_offset:(\d+)/.exec(await partOf(this.other(leader)))?.[1])
    await waitUntil(async () => (await read()) >= written, 'the replica has what was written')
  }

  async replaced(leader: RedisServer): Promise<void> {
    await waitUntil(() => leads(this.other(leader)), 'another leads', { within: 30_000 })
  }
}

/** One server alone, which nobody replaces. */
export async function startLonelyRedis(): Promise<RedisGroup> {
  const server = await startRedis()
  return {
    topology: { type: 'Single', server: { host, port: server.port } },
    leader: () => Promise.resolve(server),
    replaced: () => Promise.reject(new Error('nobody can')),
    failOver: () => Promise.reject(new Error('nobody can')),
    bothLead: false,
    whole: () => Promise.resolve(),
    replicated: () => Promise.resolve(),
    close: () => server.close(),
  }
}
