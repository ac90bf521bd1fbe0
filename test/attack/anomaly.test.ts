import { seal, type Anomaly, type Resource, type ResourceSpec } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { steeredClock } from '../support/dataplaneProcess.ts'
import { startEventReceiver, type EventReceiver } from '../support/eventReceiver.ts'
import { clientsOf, tenantKey } from '../support/keyHash.ts'
import { sendRaw } from '../support/raw.ts'
import {
  addressesFrom,
  authorizationRule,
  enforce,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'

const minute = 60_000
const hour = 60 * minute
const tenants = ['acme', 'other', 'third', 'fourth'] as const
type Tenant = (typeof tenants)[number]
const credentials: ResourceSpec<'credentials'> = { clients: clientsOf(tenants) }

interface World {
  readonly backend: Backend
  readonly receiver: EventReceiver
}

const watching = ({ receiver }: World, over: Partial<Anomaly> = {}): Anomaly => ({
  keys: ['Tenant'],
  ratio: 5,
  minRequests: 20,
  baseline: 2 * hour,
  throttle: { limit: 3, window: minute },
  events: { type: 'Webhook', url: receiver.url, addresses: 'Public', trust: 'shop/analytics' },
  ...over,
})

const resources = (world: World, anomaly: Anomaly): Resource[] => [
  installationResource(),
  listenerResource({ clientAddress: addressesFrom('127.0.0.0/8') }),
  { kind: 'trust', name: 'shop/analytics', spec: { anchors: [world.receiver.anchor] } },
  { kind: 'credentials', name: 'shop/partners', spec: credentials },
  policyResource(
    {
      object: { namespace: 'shop', name: 'orders' },
      providers: [
        {
          name: 'partners',
          asserts: { roles: [], groups: [], tenants: ['*'], plans: [] },
          method: { type: 'ApiKey', from: [{ header: 'x-api-key', prefix: '' }], credentials: 'shop/partners' },
          broken: false,
        },
      ],
      rules: [authorizationRule('known', 'Allow', { principal: [{ attribute: 'Authenticated' }] })],
      anomaly,
    },
    'orders',
  ),
  ...upstreamResources('web', [world.backend]),
  routeResource([ruleTo('web', { access: enforce('orders') })]),
]

let world: World
let served: ServedDataplane
/** How far the wall clock has been set ahead. */
let ahead = 0

const apply = async (over: Partial<Anomaly> = {}): Promise<void> => {
  expect(
    await served.controller.publish(resources(world, watching(world, over)).map((one) => seal(one))),
  ).toMatchObject({
    nack: null,
    refused: [],
  })
}

beforeAll(async () => {
  const [backend, receiver] = await Promise.all([startBackend(), startEventReceiver()])
  world = { backend, receiver }
  const sealed = resources(world, watching(world)).map((one) => seal(one))
  served = await startServedDataplane(sealed, { ...attackedEntry, nodeOptions: steeredClock })
})
afterAll(async () => {
  await served.close()
  await world.receiver.close()
  await world.backend.close()
})

/** Sets the clock to the middle of the minute that is so far ahead. */
async function goOn(milliseconds: number): Promise<void> {
  const now = Date.now() + ahead + milliseconds
  ahead += milliseconds + minute / 2 - (now % minute)
  await served.process.setAhead(ahead)
}

interface Asked {
  readonly passed: number
  readonly refused: number
  readonly retryAfter: string | undefined
}

/** What one connection is made to carry. */
const batch = 50

/** Sends so many requests of a tenant, one after the other. */
async function ask(tenant: Tenant, count: number): Promise<Asked> {
  const one = `GET /orders HTTP/1.1\r\nHost: api.shop.example\r\nX-Api-Key: ${tenantKey(tenant)}\r\n\r\n`
  const sum = { passed: 0, refused: 0, retryAfter: undefined as string | undefined }
  for (let sent = 0; sent < count; sent += batch) {
    const size = Math.min(batch, count - sent)
    const { responses } = await sendRaw(await served.process.listener('http'), one.repeat(size), { responses: size })
    expect(responses).toHaveLength(size)
    for (const { status, headers } of responses) {
      if (status === 200) sum.passed++
      else if (status === 429) sum.refused++
      sum.retryAfter = headers.get('retry-after')?.[0] ?? sum.retryAfter
    }
  }
  return sum
}

/** Three hours in which so much of a tenant is usual. */
async function live(tenant: Tenant, count: number): Promise<void> {
  for (let past = 0; past < 3; past++) {
    await ask(tenant, count)
    await goOn(hour)
  }
}

const eventsAbout = (tenant: Tenant) =>
  world.receiver.events.all.filter(({ text }) => text.includes(`"${tenant}"`)).map(({ text }) => text)

describe('attack: spikes (anomaly)', () => {
  it('finds one, lets through what the throttle says, spares the others and tells', async () => {
    await live('acme', 2)
    await live('other', 2)
    const reached = world.backend.requests.length
    expect(await ask('acme', 60)).toEqual({ passed: 19 + 3, refused: 60 - 22, retryAfter: '20' })
    expect(world.backend.requests).toHaveLength(reached + 22)
    expect(await ask('other', 5)).toMatchObject({ passed: 5, refused: 0 })
    const line = await served.process.lines.first((one) => one['check'] === 'anomaly')
    expect(line).toMatchObject({
      log: 'security',
      code: 'unusual-traffic',
      policy: 'shop/orders',
      anomaly: 'shop/orders',
      item: null,
      level: 3,
    })
    expect(await served.process.lines.first((one) => one['event'] === 'spike-started')).toMatchObject({
      resource: 'policy/shop/orders',
      key: '[{"type":"Tenant","value":"acme"}]',
      count: 20,
    })
    const { headers, text } = await world.receiver.events.first(() => true)
    expect(headers['content-type']).toBe('application/cloudevents+json')
    expect(JSON.parse(text)).toMatchObject({
      type: 'dev.gatehouse.spike.started',
      source: '/gatehouse/policies/shop/orders',
      data: { policy: 'shop/orders', key: [{ type: 'Tenant', value: 'acme' }], requests: 20, limit: 19 },
    })
    expect(await metrics()).toMatch(/^gatehouse_anomaly_keys\{state="spiking"\} 1$/m)
  })

  it('goes on being restricted, is told once, and ends when a minute was as usual', async () => {
    await goOn(minute)
    expect((await ask('acme', 60)).refused).toBeGreaterThan(50)
    await goOn(minute)
    expect((await ask('acme', 1)).passed).toBe(1)
    await goOn(minute)
    expect(await ask('acme', 5)).toMatchObject({ passed: 5 })
    const { text } = await world.receiver.events.first(({ text: one }) => one.includes('spike.ended'))
    expect(JSON.parse(text)).toMatchObject({ data: { requests: 60 } })
    expect(eventsAbout('acme')).toHaveLength(2)
    expect(served.process.lines.all.filter((one) => one['event'] === 'spike-started')).toHaveLength(1)
  })

  it('is none of a tenant that nobody has watched for long enough', async () => {
    await ask('fourth', 2)
    await goOn(hour)
    expect(await ask('fourth', 100)).toMatchObject({ passed: 100 })
  })

  it('is not what a tenant always does', async () => {
    await live('third', 90)
    expect(await ask('third', 100)).toMatchObject({ passed: 100 })
  })

  it('is only told where nothing is restricted, and is known after a change', async () => {
    await live('other', 2)
    await apply({ throttle: null })
    expect(await ask('other', 60)).toMatchObject({ passed: 60 })
    expect(
      (await served.process.lines.first((one) => one['anomaly'] !== null && one['decision'] === 'permit'))['log'],
    ).toBe('audit')
    await world.receiver.events.first(({ text }) => text.includes('"other"'))
    await apply()
  })

  it('makes nobody wait for a receiver that never answers, and sends it on nowhere', async () => {
    await goOn(2 * minute)
    world.receiver.answer(() => {})
    const before = eventsAbout('third').length
    await live('third', 1)
    const started = performance.now()
    await ask('third', 2000)
    expect(performance.now() - started).toBeLessThan(5000)
    await expect.poll(() => eventsAbout('third').length).toBe(before + 1)
    world.receiver.answer((response) => response.writeHead(307, { location: '/elsewhere' }).end())
    await expect.poll(metrics, { timeout: 20_000 }).toMatch(/^gatehouse_anomaly_events_total\{outcome="rejected"\} 1$/m)
  })

  it('is found by address before any credential is looked at', async () => {
    await apply({ keys: ['IP'] })
    const guess = async (count: number): Promise<number[]> => {
      const one = 'GET /orders HTTP/1.1\r\nHost: api.shop.example\r\nX-Api-Key: k-guessed\r\n\r\n'
      const listener = await served.process.listener('http')
      const { responses } = await sendRaw(listener, one.repeat(count), { responses: count })
      return responses.map(({ status }) => status)
    }
    for (let past = 0; past < 3; past++) {
      expect(await guess(2)).toEqual([401, 401])
      await goOn(hour)
    }
    const answers = await guess(40)
    expect(answers.filter((status) => status === 401)).toHaveLength(19 + 3)
    expect(answers.filter((status) => status === 429)).toHaveLength(40 - 22)
    expect(await ask('fourth', 1)).toMatchObject({ refused: 1 })
  })

  it('tells no credential', () => {
    const told = world.receiver.events.all.map(({ headers, text }) => JSON.stringify(headers) + text).join()
    const logged = served.process.lines.all.map((line) => JSON.stringify(line)).join()
    for (const tenant of tenants) {
      expect(told).not.toContain(tenantKey(tenant))
      expect(logged).not.toContain(tenantKey(tenant))
    }
  })
})

const metrics = async (): Promise<string> => await (await fetch(`${await served.process.admin()}/metrics`)).text()
