import type { StoreFault } from '@gatehouse/contract'
import { type StoreConnection, type StoreLogin } from './connection.ts'
import { movedTo, StoreError } from './fault.ts'
import { byText, storeScript } from './script.ts'
import { Sentinels } from './sentinels.ts'
import { connectTo, type StoreServer, type StoreSite } from './site.ts'
import { within } from './within.ts'

/** Where the server is that takes writes. */
export type StoreTopology =
  | { readonly type: 'Single'; readonly server: StoreServer }
  | {
      readonly type: 'Sentinel'
      readonly sentinels: readonly StoreServer[]
      /** What the Sentinels call what they watch. */
      readonly primary: string
      readonly login: StoreLogin | null
    }
  | { readonly type: 'Cluster'; readonly nodes: readonly StoreServer[] }

export interface LeaderSearch {
  readonly topology: StoreTopology
  readonly site: StoreSite
  readonly login: StoreLogin | null
  /** A key beside all others, on the same node of a Cluster. */
  readonly probeKey: string
  /** Milliseconds in which a server must answer to be taken. */
  readonly timeout: number
}

type Lost = (why: StoreFault) => void

/** A key moves at most this often while it is looked for. */
const maxMoves = 3

/** Writes, so that what cannot be written to, now or for lack of memory, is not taken for the leader. */
const probe = storeScript(`redis.call('SET', KEYS[1], '1', 'PX', 1000) return 'ok'`)

/**
 * Connects to the server of a store that takes writes: all keys of an installation lie on one node, so that one connection
 * is enough in every topology. What is returned has just answered, in time.
 *
 * @param lost - told why when the connection has ended, or is one to a leader that has been replaced
 * @throws Error of the last server that was tried
 */
export async function connectToLeader(search: LeaderSearch, lost: Lost): Promise<StoreConnection> {
  const { topology } = search
  switch (topology.type) {
    case 'Single':
      return probed(search, topology.server, lost)
    case 'Sentinel':
      return named(search, topology, lost)
    case 'Cluster':
      return firstOf(topology.nodes, (node) => following(search, node, lost))
  }
}

async function firstOf<T>(servers: readonly StoreServer[], attempt: (server: StoreServer) => Promise<T>): Promise<T> {
  let last: unknown = new StoreError('unreachable')
  for (const server of servers) {
    try {
      return await attempt(server)
    } catch (error) {
      last = error
    }
  }
  throw last
}

async function probed(search: LeaderSearch, server: StoreServer, lost: Lost): Promise<StoreConnection> {
  let taken = false
  const connection = await connectTo(search.site, server, search.login, (why) => taken && lost(why))
  try {
    const reply = await within(search.timeout, connection.send(byText(probe, [search.probeKey], [])))
    if (reply !== 'ok') throw new StoreError('malformed')
    // One that ends before is not the one that the caller gets.
    taken = true
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Goes where the nodes say that the keys are. */
async function following(search: LeaderSearch, first: StoreServer, lost: Lost): Promise<StoreConnection> {
  let node = first
  for (let moves = 0; ; moves++) {
    try {
      return await probed(search, node, lost)
    } catch (error) {
      const there = movedTo(error)
      if (there === null || moves === maxMoves) throw error
      node = { host: there.host === '' ? node.host : there.host, port: there.port }
    }
  }
}

/** Goes to whom the Sentinels name, for as long as they name no other. */
async function named(
  search: LeaderSearch,
  { sentinels: servers, primary, login }: Extract<StoreTopology, { type: 'Sentinel' }>,
  lost: Lost,
): Promise<StoreConnection> {
  const { site, timeout } = search
  const sentinels = new Sentinels({ servers, primary, login, site, timeout })
  try {
    const leader = await sentinels.leader()
    const connection = await probed(search, leader.server, lost)
    sentinels.watch(leader, () => lost('moved'))
    const close = (): void => {
      sentinels.close()
      connection.close()
    }
    return { send: (command) => connection.send(command), close }
  } catch (error) {
    sentinels.close()
    throw error
  }
}
