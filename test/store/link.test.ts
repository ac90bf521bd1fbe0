import type { StoreFault } from '@gatehouse/contract'
import { afterEach, expect, it } from 'vitest'
import { connectToLeader, type LeaderSearch } from '../../dataplane/src/state/store/leader.ts'
import { StoreLink } from '../../dataplane/src/state/store/link.ts'
import { storeScript } from '../../dataplane/src/state/store/script.ts'
import { changes } from '../support/changes.ts'
import { startRedis, type RedisOptions, type RedisServer } from '../support/redisServer.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const search = (port: number, more: Partial<LeaderSearch> = {}): LeaderSearch => ({
  topology: { type: 'Single', server: { host: '127.0.0.1', port } },
  site: {
    tls: null,
    rules: { denied: [], pods: null, allowLoopback: true },
    resolve: () => Promise.reject(new Error('no name is looked up')),
  },
  login: null,
  probeKey: '{test}probe',
  timeout: 500,
  ...more,
})

const count = storeScript(`return redis.call('INCR', KEYS[1])`)

async function redis(options: RedisOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options)
  cleanups.push(() => server.close())
  return server
}

function linkTo(wanted: LeaderSearch, deadline = 40) {
  const states = changes<StoreFault | null>()
  const faults: StoreFault[] = []
  const link = new StoreLink({
    open: (lost) => connectToLeader(wanted, lost),
    deadline,
    random: () => 0,
    failed: (fault) => faults.push(fault),
    changed: (fault) => states.add(fault),
  })
  cleanups.push(() => link.close())
  return { link, states, faults, run: (namespace = 'shop') => link.run(count, ['{test}n'], [], namespace) }
}

it('runs scripts, also one that the store has forgotten', async () => {
  const server = await redis()
  const { run, states } = linkTo(search(server.port))
  await states.at(0)
  expect(await run()).toEqual({ ok: true, reply: 1 })
  await server.ask('SCRIPT', 'FLUSH')
  expect(await run()).toEqual({ ok: true, reply: 2 })
})

it('has room for the calls of a namespace, however many of another are on their way', async () => {
  const server = await redis()
  const { run, states, faults } = linkTo(search(server.port), 10_000)
  await states.at(0)
  server.freeze()
  const greedy = Array.from({ length: 600 }, () => run('greedy'))
  const honest = Array.from({ length: 20 }, () => run('honest'))
  expect(faults).toEqual(Array.from({ length: 100 }, () => 'saturated'))
  server.thaw()
  expect((await Promise.all(greedy)).filter(({ ok }) => ok)).toHaveLength(500)
  expect((await Promise.all(honest)).every(({ ok }) => ok)).toBe(true)
  expect(await run('greedy')).toMatchObject({ ok: true })
})

it('waits 40 ms for a store that is frozen, a few times, and then not at all, until it goes on', async () => {
  const server = await redis()
  const { run, states, link } = linkTo(search(server.port))
  await states.at(0)
  server.freeze()
  const began = performance.now()
  const replies = await Promise.all(Array.from({ length: 20 }, run))
  expect(performance.now() - began).toBeLessThan(400)
  expect(replies.every(({ ok }) => !ok)).toBe(true)
  expect(await states.at(1)).toBe('timeout')
  expect(link.state).toBe('down')
  expect(await run()).toEqual({ ok: false, fault: 'timeout' })
  server.thaw()
  expect(await states.at(2)).toBeNull()
  expect((await run()).ok).toBe(true)
})

it('comes back after the store was killed and started again', async () => {
  const server = await redis()
  const { run, states } = linkTo(search(server.port))
  await states.at(0)
  await server.kill()
  expect(await states.at(1)).toBe('unreachable')
  expect(await run()).toEqual({ ok: false, fault: 'unreachable' })
  await server.restart()
  expect(await states.at(2)).toBeNull()
  expect(await run()).toEqual({ ok: true, reply: 1 })
})

it('does not take a replica for the leader, and leaves a leader that becomes one', async () => {
  const server = await redis()
  const other = await redis()
  const { run, states } = linkTo(search(server.port))
  await states.at(0)
  await server.ask('REPLICAOF', '127.0.0.1', String(other.port))
  expect(await run()).toMatchObject({ ok: false })
  expect(await states.at(1)).toBe('readonly')
  await server.ask('REPLICAOF', 'NO', 'ONE')
  expect(await states.at(2)).toBeNull()
})

it.each([
  ['has no memory', ['maxmemory 1', 'maxmemory-policy noeviction'], 'out-of-memory'],
  ['wants a password', ['requirepass secret'], 'denied'],
  ['lets its user do nothing', ['user default on nopass ~* -@all +hello'], 'denied'],
] as const)('is down while the store %s', async (_name, lines, fault) => {
  const server = await redis({ lines })
  const { states, link } = linkTo(search(server.port))
  expect(await states.at(0)).toBe(fault)
  expect(link.state).toBe('down')
})

it('logs in as the user that it is told', async () => {
  const rights = 'user gatehouse on >secret ~{test}* resetchannels -@all +eval +evalsha +set +incr'
  const server = await redis({ lines: ['user default off', rights] })
  const { run, states } = linkTo(search(server.port, { login: { username: 'gatehouse', password: 'secret' } }))
  await states.at(0)
  expect(await run()).toEqual({ ok: true, reply: 1 })
})

it('dials nothing that no store may be at', async () => {
  const server = await redis()
  const rules = { denied: [], pods: null, allowLoopback: false }
  const { states } = linkTo(search(server.port, { site: { ...search(0).site, rules } }))
  expect(await states.at(0)).toBe('forbidden-address')
})
