import type { Json, Update } from '@gatehouse/contract'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  soleLeader,
  startController,
  systemClock,
  worldOf,
  type Controller,
  type EventDetail,
  type InstallationRef,
  type World,
} from '@gatehouse/controller'
import { gatehouse, ordersRoute, ordersService } from '../apiserver/shop.ts'
import { changes, type Changes } from '../support/changes.ts'
import { controllerCredentials, createPushChannel, type PushChannel } from '../support/pushChannel.ts'
import { connectScripted, type ScriptedDataplane, type ScriptedDataplaneOptions } from '../support/scriptedDataplane.ts'
import { installation } from './follower.ts'

type Report = Parameters<Parameters<typeof startController>[0]['status']>[0]

const cleanups: (() => Promise<unknown>)[] = []
let channel: PushChannel
beforeAll(async () => {
  channel = await createPushChannel(installation)
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const json = (documents: readonly object[]): readonly Json[] => documents as readonly Json[]
const shop = (...routes: readonly object[]): World => worldOf(json([gatehouse, ...ordersService, ...routes]), 'Equal')

interface Running {
  readonly controller: Controller
  readonly reports: Changes<Report>
  readonly events: Changes<{ readonly event: string } & EventDetail>
  /** Makes this the world. */
  become(world: World): void
  connect(options?: Partial<ScriptedDataplaneOptions>): Promise<ScriptedDataplane>
  get(path: string): Promise<Response>
}

interface OwnServices {
  readonly dataplaneService?: InstallationRef
  readonly controllerService?: InstallationRef
}

async function run({ dataplaneService, controllerService }: OwnServices = {}): Promise<Running> {
  const reports = changes<Report>()
  const events = changes<{ readonly event: string } & EventDetail>()
  let world: World | null = null
  let changed = (): void => undefined
  const controller = await startController({
    installation,
    source: {
      start: (tell) => (changed = tell),
      world: () => world,
      close: () => Promise.resolve(),
    },
    push: { address: '127.0.0.1', port: 0, credentials: controllerCredentials(channel), authenticate: null },
    authority: soleLeader(1),
    admin: { address: '127.0.0.1', port: 0 },
    compile: {
      address: '0.0.0.0',
      listen: { HTTP: null, HTTPS: null },
      upstreams: new Map(),
      deniedAddresses: ['192.0.2.0/24'],
      folder: false,
    },
    dataplaneService: dataplaneService ?? null,
    controllerService: controllerService ?? null,
    status: (report) => reports.add(report),
    log: (event, detail) => events.add({ event, ...detail }),
    clock: systemClock,
  })
  cleanups.push(() => controller.close())
  return {
    controller,
    reports,
    events,
    become: (next) => {
      world = next
      changed()
    },
    connect: async (options = {}) => {
      const dataplane = await connectScripted(channel, { port: controller.pushPort, ...options })
      cleanups.push(() => dataplane.close())
      return dataplane
    },
    get: (path) => fetch(`http://127.0.0.1:${controller.adminPort}${path}`),
  }
}

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
    expect(keysOf(await dataplane.updates.at(0))).toEqual(['installation/installation'])
    expect((await get('/readyz')).status).toBe(200)
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

  it('expects the ready endpoints of its own Service, and denies routes their addresses', async () => {
    const { become, reports, connect } = await run({ dataplaneService: { namespace: 'shop', name: 'orders' } })
    const dataplane = await connect()
    become(shop(ordersRoute()))
    const update = await dataplane.updates.at(0)
    expect(update.set.find(({ kind }) => kind === 'installation')?.spec).toMatchObject({
      outbound: { deniedAddresses: ['10.244.0.9/32', '192.0.2.0/24'] },
    })
    await dataplane.close()
    const last = await reports.first(({ fleet }) => fleet.sessions.length === 0)
    expect(last.fleet.expected).toBe(1)
  })

  it('denies routes the addresses of the controllers, and does not take them for data planes', async () => {
    const { become, reports, connect } = await run({ controllerService: { namespace: 'shop', name: 'orders' } })
    const dataplane = await connect()
    become(shop(ordersRoute()))
    const update = await dataplane.updates.at(0)
    expect(update.set.find(({ kind }) => kind === 'installation')?.spec).toMatchObject({
      outbound: { deniedAddresses: ['10.244.0.9/32', '192.0.2.0/24'] },
    })
    await dataplane.close()
    const last = await reports.first(({ fleet }) => fleet.sessions.length === 0)
    expect(last.fleet.expected).toBe(0)
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
