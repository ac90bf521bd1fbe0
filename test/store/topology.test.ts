import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreFault } from '@gatehouse/contract'
import { afterEach, expect, it } from 'vitest'
import { connectToLeader, type LeaderSearch } from '../../dataplane/src/state/store/leader.ts'
import { StoreLink } from '../../dataplane/src/state/store/link.ts'
import { storeScript } from '../../dataplane/src/state/store/script.ts'
import { freePorts } from '../cluster/freePorts.ts'
import { createAuthority } from '../support/authority.ts'
import { changes } from '../support/changes.ts'
import { startCluster } from '../support/redisCluster.ts'
import { host } from '../support/redisGroup.ts'
import { startRedis } from '../support/redisServer.ts'
import { startSentinelPair } from '../support/sentinelPair.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const count = storeScript(`return redis.call('INCR', KEYS[1])`)

function linkTo(topology: LeaderSearch['topology'], tls: LeaderSearch['site']['tls'] = null) {
  const states = changes<StoreFault | null>()
  const rules = { denied: [], pods: null, allowLoopback: true }
  const site = { tls, rules, resolve: () => Promise.resolve([host]) }
  const search = { topology, site, login: null, probeKey: 'gatehouse:{a/b}:probe', timeout: 500 }
  const link = new StoreLink({
    open: (lost) => connectToLeader(search, lost),
    deadline: 1000,
    random: () => 0,
    failed: () => {},
    changed: (fault) => states.add(fault),
  })
  cleanups.push(() => link.close())
  return { link, states, run: () => link.run(count, ['gatehouse:{a/b}:n'], [], '') }
}

it('asks the Sentinels who leads, and again when that one is gone', async () => {
  const pair = await startSentinelPair()
  cleanups.push(() => pair.close())
  const { states, run } = linkTo(pair.topology)
  expect(await states.at(0)).toBeNull()
  expect(await run()).toEqual({ ok: true, reply: 1 })
  await pair.whole()
  expect(await linkTo({ ...pair.topology, primary: 'nobody' }).states.at(0)).toBe('refused')
  const [gone, ...left] = pair.sentinels
  await gone!.kill()
  const rights = ['-@all', '+sentinel|master', '+sentinel|get-master-addr-by-name']
  for (const sentinel of left) await sentinel.ask('ACL', 'SETUSER', 'gatehouse', 'on', '>secret', ...rights)
  const login = { username: 'gatehouse', password: 'secret' }
  expect(await linkTo({ ...pair.topology, login }).states.at(0)).toBeNull()
  expect(await linkTo({ ...pair.topology, login: { ...login, password: 'other' } }).states.at(0)).toBe('denied')
  await pair.first.kill()
  expect(await states.at(1)).toBe('unreachable')
  expect(await states.at(2, 30_000)).toBeNull()
  expect(await run()).toEqual({ ok: true, reply: 2 })
})

it('leaves a leader that is frozen for the one that the Sentinels made', async () => {
  const pair = await startSentinelPair()
  cleanups.push(() => pair.close())
  const { states, link } = linkTo(pair.topology)
  await states.at(0)
  await pair.whole()
  pair.first.freeze()
  await Promise.all(Array.from({ length: 5 }, () => link.run(count, ['k'], [], '')))
  expect(await states.at(1)).toBe('timeout')
  expect(await states.at(2, 30_000)).toBeNull()
  // It was the leader, says so still, and may not be asked any more.
  pair.first.thaw()
})

it('leaves a leader that was frozen while nobody asked it, and goes on as one when another leads', async () => {
  const pair = await startSentinelPair()
  cleanups.push(() => pair.close())
  const { states, run } = linkTo(pair.topology)
  await states.at(0)
  expect(await run()).toEqual({ ok: true, reply: 1 })
  await pair.whole()
  // One Sentinel sleeps with the leader and wakes with it: what it says is old.
  const [asleep, ...awake] = pair.sentinels
  asleep!.freeze()
  pair.first.freeze()
  await pair.named(pair.second, awake)
  asleep!.thaw()
  pair.first.thaw()
  const late = linkTo(pair.topology)
  expect(await late.states.at(0)).toBeNull()
  expect(await late.run()).toEqual({ ok: true, reply: 2 })
  expect(await states.at(1)).toBe('moved')
  expect(await states.at(2)).toBeNull()
  expect(await run()).toEqual({ ok: true, reply: 3 })
  expect(await pair.second.ask('GET', 'gatehouse:{a/b}:n')).toBe('3')
})

it('goes to the node of a Cluster that has the keys, and follows them', async () => {
  const cluster = await startCluster()
  cleanups.push(() => cluster.close())
  const nodes = cluster.nodes.map(({ port }) => ({ host, port }))
  for (const node of nodes) {
    const { states, link, run } = linkTo({ type: 'Cluster', nodes: [node] })
    expect(await states.at(0)).toBeNull()
    expect((await run()).ok).toBe(true)
    link.close()
  }
  const { states, run } = linkTo({ type: 'Cluster', nodes })
  expect(await states.at(0)).toBeNull()
  await cluster.move('gatehouse:{a/b}:n')
  expect(await run()).toEqual({ ok: false, fault: 'moved' })
  expect(await states.at(2)).toBeNull()
  expect(await run()).toEqual({ ok: true, reply: 4 })
})

it('speaks TLS to whoever shows the certificate of the host, and to nobody else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-tls-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const ca = await createAuthority()
  const other = await createAuthority('other')
  const server = await ca.leaf({ dnsNames: ['redis.example'] })
  writeFileSync(join(folder, 'tls.crt'), server.certificate)
  writeFileSync(join(folder, 'tls.key'), server.privateKey)
  const [port] = await freePorts(1)
  const files = [`tls-cert-file ${join(folder, 'tls.crt')}`, `tls-key-file ${join(folder, 'tls.key')}`]
  const lines = [`tls-port ${port}`, ...files, 'tls-auth-clients no']
  const redis = await startRedis({ plain: false, port: port!, lines })
  cleanups.push(() => redis.close())
  const to = (name: string, tls: NonNullable<LeaderSearch['site']['tls']>) =>
    linkTo({ type: 'Single', server: { host: name, port: port! } }, tls).states.at(0)
  const anchors = [ca.certificate]
  expect(await to('redis.example', { anchors, hostname: null })).toBeNull()
  expect(await to(host, { anchors, hostname: 'redis.example' })).toBeNull()
  expect(await to(host, { anchors, hostname: null })).toBe('unreachable')
  expect(await to('other.example', { anchors, hostname: null })).toBe('unreachable')
  expect(await to('redis.example', { anchors: [other.certificate], hostname: null })).toBe('unreachable')
  expect(await to('redis.example', { anchors: [], hostname: null })).toBe('unreachable')
  expect(await to('redis.example', { anchors: null, hostname: null })).toBe('unreachable')
})
