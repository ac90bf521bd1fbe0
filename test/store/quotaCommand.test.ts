import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resourceKey } from '@gatehouse/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { configurationOf } from '../../cli/src/explain/configuration.ts'
import { folderDocuments } from '../../cli/src/explain/folder.ts'
import { quotaCommand } from '../../cli/src/quota/command.ts'
import { systemClock } from '../../dataplane/src/clock.ts'
import { buildGateway } from '../../dataplane/src/gateway/build.ts'
import { forgetful, request } from '../../dataplane/src/gateway/snapshotFixture.ts'
import { createGatewayState } from '../../dataplane/src/state/gatewayState.ts'
import { createStores } from '../../dataplane/src/state/store/stores.ts'
import { startRedis } from '../support/redisServer.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const objects = (port: number): string => `
apiVersion: gatehouse.dev/v1alpha1
kind: Gatehouse
metadata: {name: edge, namespace: gatehouse-system}
spec:
  tenancy: Single
  outbound: {allowLoopback: true}
  listeners:
  - {name: http, port: 8080, protocol: HTTP, default: true, plaintextCredentials: Allow, allowedRoutes: {namespaces: {from: All}}}
  quotaStore: {type: Redis, redis: {topology: Single, servers: [{host: 127.0.0.1, port: ${port}}]}}
---
apiVersion: gatehouse.dev/v1alpha1
kind: GatewayRoute
metadata: {name: orders, namespace: shop}
spec:
  hostnames: [api.example]
  rules:
  - {name: orders, respond: {statusCode: 204}}
---
apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: orders, namespace: shop}
spec:
  targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: orders}]
  authentication: {anyOf: [{name: public, anonymous: {}}]}
  authorization: {rules: [{name: all, action: Allow, methods: ["*"], principal: [{attribute: Anyone}]}]}
  quotas:
  - name: hourly
    keys: [{type: IP}, {type: Route}]
    algorithm: FixedWindow
    rates: [{limit: 10, window: 1h}, {limit: 100, window: 24h}]
    scope: Shared
    onStoreFailure: Deny
  - {name: nobody, keys: [{type: Tenant}], calendar: {limit: 5, period: Day}, scope: Shared, onStoreFailure: Deny}
  - {name: bucket, keys: [{type: Tenant}], algorithm: TokenBucket, rates: [{limit: 50, window: 1m}], scope: Shared, onStoreFailure: Deny}
  - {name: own, keys: [{type: IP}], algorithm: TokenBucket, rates: [{limit: 5, window: 1m}], scope: Replica}
`

/** A store, a folder, and a data plane that has counted three requests of one client. */
async function setUp() {
  const redis = await startRedis()
  cleanups.push(() => redis.close())
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-quota-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'all.yaml'), objects(redis.port))
  const configuration = configurationOf(await folderDocuments([folder]), null, systemClock)
  cleanups.push(() => configuration.close())
  const stores = createStores({ clock: systemClock, random: () => 0, deadline: 10_000 }, () => {})
  const state = { ...createGatewayState({ clock: systemClock, random: () => 0 }), stores }
  cleanups.push(() => state.close())
  cleanups.push(() => stores.close())
  const resources = new Map(configuration.resources.map((one) => [resourceKey(one), one]))
  const { gateway } = buildGateway({ resources, revision: 'a', state, clock: systemClock, previous: null })
  const ask = async (): Promise<string> => (await gateway.admit(request('/'), forgetful)).outcome
  for (let count = 0; count < 3; count++) expect(await ask()).toBe('permit')
  return { redis, folder }
}

async function run(...args: readonly string[]): Promise<string> {
  let text = ''
  const status = await quotaCommand(args, { out: (more) => void (text += more), err: () => {} })
  expect(status).toBe(0)
  return text
}

const caller = ['--key', 'IP=192.0.2.1', '--key', 'Route=shop/orders']

describe('gatehouse quota', () => {
  it('says what one key has left of each rate, charges nothing, and lets that key begin anew', async () => {
    const { folder, redis } = await setUp()
    const about = ['-f', folder, '--policy', 'shop/orders', '--quota', 'hourly']
    const rows = (await run('get', ...about, ...caller)).trim().split('\n')
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 4))).toEqual([
      ['QUOTA', 'LIMIT', 'WINDOW', 'REMAINING'],
      ['hourly', '10', '3600s', '7'],
      ['hourly', '100', '86400s', '97'],
    ])
    const again = JSON.parse(await run('get', ...about, ...caller, '-o', 'json')) as {
      rates: { window: number; remaining: number; reset: number }[]
    }
    expect(again.rates.map(({ window, remaining }) => [window, remaining])).toEqual([
      [3600, 7],
      [86_400, 97],
    ])
    for (const { window, reset } of again.rates) expect(reset).toBeLessThanOrEqual(window)
    const before = Number(await redis.ask('DBSIZE'))
    expect(await run('reset', ...about, '--key', 'IP=192.0.2.2', '--key', 'Route=shop/orders')).toBe(
      'nothing was counted under IP=192.0.2.2, Route=shop/orders\n',
    )
    expect(await run('reset', ...about, '--key', 'IP=192.0.2.1')).toBe(
      'nothing was counted under IP=192.0.2.1, no Route\n',
    )
    expect(Number(await redis.ask('DBSIZE'))).toBe(before)
    expect(await run('reset', ...about, ...caller)).toBe('2 counts begin anew\n')
    expect(JSON.parse(await run('get', ...about, ...caller, '-o', 'json'))).toMatchObject({
      rates: [{ remaining: 10 }, { remaining: 100 }],
    })
  })

  it('tells of all shared quotas where none is named, by another way to the store too', async () => {
    const { folder, redis } = await setUp()
    const text = await run(
      'get',
      '-f',
      folder,
      '--policy',
      'shop/orders',
      ...caller,
      '--store',
      `localhost:${redis.port}`,
      '-o',
      'json',
    )
    const { rates } = JSON.parse(text) as { rates: { quota: string; remaining: number }[] }
    expect(rates.map(({ quota, remaining }) => [quota, remaining])).toEqual([
      ['hourly', 7],
      ['hourly', 97],
    ])
  })

  it('leaves out quotas that count by nothing of the key, and says no time where there is no more to come', async () => {
    const { folder } = await setUp()
    const about = ['-f', folder, '--policy', 'shop/orders']
    const rows = async (...key: readonly string[]) =>
      (await run('get', ...about, ...key))
        .trim()
        .split('\n')
        .map((row) => row.split(/ {2,}/))
    const time = expect.stringMatching(/^[1-9]\d*s$/) as unknown
    const head = ['QUOTA', 'LIMIT', 'WINDOW', 'REMAINING', 'MORE IN']
    const nobody = (remaining: string) => ['nobody', '5', 'calendar', remaining, time]
    expect(await rows('--key', 'Tenant=acme')).toEqual([head, nobody('5'), ['bucket', '50', '60s', '50', '-']])
    expect(await rows()).toEqual([
      head,
      ['hourly', '10', '3600s', '10', time],
      ['hourly', '100', '86400s', '100', time],
      nobody('2'),
      ['bucket', '50', '60s', expect.stringMatching(/^(4\d|50)$/), expect.anything()],
    ])
  })

  it.each([
    [
      'a quota that data planes count by themselves',
      ['--quota', 'own'],
      /counts at each data plane \(scope Replica\)/,
      2,
    ],
    ['a quota that is not there', ['--quota', 'other'], /no such quota; there is hourly, nobody, bucket, own/, 2],
    ['a part that it does not count by', ['--quota', 'hourly', '--key', 'Tenant=acme'], /but by IP, Route/, 64],
    ['a part that no quota counts by', ['--key', 'tenant=acme'], /no "tenant"; it has IP, Principal, APIKey/, 64],
    ['a plan that has no rates', ['--quota', 'hourly', '--plan', 'gold'], /"gold" is none .* there is none/, 64],
    ['an address that is none', ['--quota', 'hourly', '--key', 'IP=300.1.1.1'], /needs an address, not "300/, 64],
    [
      'a part that only an unshared quota has',
      ['--key', 'Header=a'],
      /no Shared quota .* by Header, but by IP, Route, T/,
      64,
    ],
    ['a part without a type', ['--quota', 'hourly', '--key', 'acme'], /TYPE=VALUE/, 64],
    ['a store that is no address', ['--quota', 'hourly', '--store', 'redis'], /HOST:PORT/, 64],
  ])('says what is wrong with %s', async (_, args, message, status) => {
    const { folder } = await setUp()
    const asked = quotaCommand(['get', '-f', folder, '--policy', 'shop/orders', ...args], {
      out: () => {},
      err: () => {},
    })
    await expect(asked).rejects.toMatchObject({ message: expect.stringMatching(message), status })
  })

  it('resets nothing without the name of a quota, and says when the store does not answer', async () => {
    const { folder, redis } = await setUp()
    const base = ['-f', folder, '--policy', 'shop/orders']
    const quiet = { out: () => {}, err: () => {} }
    await expect(quotaCommand(['reset', ...base, ...caller], quiet)).rejects.toThrow('--quota NAME')
    await expect(quotaCommand(['get', ...base, '--policy', 'shop/other'], quiet)).rejects.toThrow(
      'no AccessPolicy shop/other',
    )
    await redis.kill()
    await expect(quotaCommand(['get', ...base, ...caller], quiet)).rejects.toMatchObject({
      message: expect.stringMatching(/the store at 127\.0\.0\.1:\d+ does not answer \(unreachable\)/),
      status: 1,
    })
  })
})
