import type { Update } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { worldOf } from '@gatehouse/controller'
import { ordersRoute } from '../apiserver/shop.ts'
import { controllersOfTests, shop } from './runningController.ts'

const run = controllersOfTests()

const keysOf = ({ set }: Update): readonly string[] => set.map(({ kind, name }) => `${kind}/${name}`)

describe('a controller', () => {
  it('is alive at once, and ready with the first whole world', async () => {
    const { get, become, connect, reports, events } = await run()
    const dataplane = await connect()
    await events.first(({ event }) => event === 'dataplane-connected')
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(503)
    expect(dataplane.updates.all).toEqual([])
    become(shop(ordersRoute()))
    expect(keysOf(await dataplane.updates.at(0))).toEqual(
      expect.arrayContaining(['installation/installation', 'listener/http', 'route/shop/orders']),
    )
    expect((await get('/readyz')).status).toBe(200)
    expect(reports.all[0]?.fleet).toMatchObject({ expected: 1 })
  })

  it('sends the difference that a change makes, and nothing for a change that makes none', async () => {
    const { become, connect } = await run()
    const dataplane = await connect()
    become(shop(ordersRoute()))
    await dataplane.updates.at(0)
    become(shop(ordersRoute()))
    become(shop(ordersRoute({ hostnames: ['other.example'] })))
    const second = await dataplane.updates.at(1)
    expect(second.sequence).toBe(2)
    expect(keysOf(second)).toEqual(['route/shop/orders'])
    become(shop())
    expect(await dataplane.updates.at(2)).toMatchObject({
      set: [],
      removed: expect.arrayContaining(['route/shop/orders']),
    })
  })

  it('has a snapshot also of a world with nothing in it', async () => {
    const { become, connect, get } = await run()
    const dataplane = await connect()
    become(worldOf([], 'Equal'))
    expect(keysOf(await dataplane.updates.at(0))).toEqual(['installation/installation', 'fleet/fleet'])
    expect((await get('/readyz')).status).toBe(200)
  })

  it('says of a circuit what a data plane says of it, in a later answer of the same revision too', async () => {
    const { become, connect, reports } = await run()
    become(shop(ordersRoute()))
    const dataplane = await connect()
    const { revision } = await dataplane.updates.at(0)
    const open = { route: 'shop/orders', rule: 'orders', upstream: 'shop/orders:80' }
    dataplane.send({ type: 'ack', revision, refused: [], openCircuits: [open] })
    const { fleet } = await reports.first(({ fleet: { circuits } }) => circuits?.has('shop/orders') === true)
    expect(fleet.circuits?.get('shop/orders')).toEqual([open])
  })

  it('reports again when data planes come, answer and go', async () => {
    const { become, connect, reports, events, controller } = await run()
    become(shop(ordersRoute()))
    const first = await reports.at(0)
    expect(first.fleet).toMatchObject({ expected: 0, sessions: [] })
    expect(first.verdicts.map(({ kind, name }) => `${kind}/${name}`)).toEqual(['Gatehouse/edge', 'GatewayRoute/orders'])
    const dataplane = await connect()
    const served = await reports.first(({ fleet }) => fleet.sessions[0]?.revision === first.fleet.revision)
    expect(served.fleet.expected).toBe(1)
    expect(controller.sessions()).toMatchObject([{ instance: 'dp-0', revision: first.fleet.revision, nack: null }])
    await dataplane.close()
    await events.first(({ event, instance }) => event === 'dataplane-disconnected' && instance === 'dp-0')
    await reports.first(({ fleet }) => fleet !== first.fleet && fleet.sessions.length === 0)
  })

  it('says in its log which data plane did not take what, once', async () => {
    const { become, connect, events } = await run()
    become(shop())
    await connect({ reply: () => ({ nack: 'HashMismatch' }) })
    const line = await events.first(({ event }) => event === 'dataplane-nacked')
    expect(line).toMatchObject({ instance: 'dp-0', code: 'HashMismatch' })
    expect(line.revision).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    ['dataplaneService', 'expects its ready endpoints', 1],
    ['controllerService', 'does not take them for data planes', 0],
  ] as const)('denies routes the addresses of the %s, and %s', async (service, _, expected) => {
    const { become, reports, connect } = await run({ [service]: { namespace: 'shop', name: 'orders' } })
    const dataplane = await connect()
    become(shop(ordersRoute()))
    const update = await dataplane.updates.at(0)
    expect(update.set.find(({ kind }) => kind === 'installation')?.spec).toMatchObject({
      outbound: { deniedAddresses: ['10.244.0.9/32', '192.0.2.0/24'] },
    })
    await dataplane.close()
    const last = await reports.first(({ fleet }) => fleet.sessions.length === 0)
    expect(last.fleet.expected).toBe(expected)
  })

  it('measures itself', async () => {
    const { become, connect, get, reports } = await run()
    become(shop(ordersRoute()))
    await connect()
    await reports.first(({ fleet }) => fleet.sessions[0]?.revision === fleet.revision)
    const text = await (await get('/metrics')).text()
    expect(text).toMatch(/^gatehouse_controller_revisions_total 1$/m)
    expect(text).toMatch(/^gatehouse_controller_dataplanes\{state="connected"\} 1$/m)
    expect(text).toMatch(/^gatehouse_controller_dataplanes\{state="behind"\} 0$/m)
    expect(text).toMatch(/^gatehouse_controller_compile_seconds_count 1$/m)
  })
})
