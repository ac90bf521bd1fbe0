import { createServer, type ServerResponse } from 'node:http'
import { seal, type Resource, type SealedResource } from '@gatehouse/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { headers, rstStream } from '../support/http2Frames.ts'
import { openHttp2 } from '../support/rawHttp2.ts'
import { openRaw, sendRaw, type RawConnection } from '../support/raw.ts'
import {
  authorizationRule,
  enforce,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  uncheckedForm,
  under,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { listen, seeded, type Listening } from '../load/leakScenario.ts'
import { droppedSocket, startSocketBackend } from '../load/heldClients.ts'
import { clientWith } from '../support/keyHash.ts'
import { attackedEntry } from './attackedEntry.ts'
import { request } from './attack.ts'
import { fieldsOf } from './http2Attack.ts'

const keys = { acme: 'k-acme-4d6c8e2f1a0b9c8d7e6f5a4b3c2d1e0f', globex: 'k-globex-8e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b' }
const timeouts = { request: 15_000, backendRequest: 0, connect: 1000, idle: 60_000, maxStreamAge: 0 }

type PolicySpec = Parameters<typeof policyResource>[0]

const perAddress = (limit: number): PolicySpec => ({ concurrency: { keys: ['IP'], limit } })
const asJson = { ...uncheckedForm, body: { schema: '{"type":"array"}', maxDepth: 4 } }
const byKey: PolicySpec = {
  providers: [
    {
      name: 'partners',
      asserts: { roles: [], groups: [], tenants: ['*'], plans: [] },
      broken: false,
      method: { type: 'ApiKey', from: [{ header: 'x-api-key', prefix: '' }], credentials: 'shop/partners' },
    },
  ],
}

function resources(ports: { web: number; sockets: number; dead: number }, limit: number): SealedResource[] {
  const all: Resource[] = [
    installationResource(),
    listenerResource(),
    ...Object.entries(ports).flatMap(([name, port]) => upstreamResources(name, [{ address: '127.0.0.1', port }])),
    {
      kind: 'credentials',
      name: 'shop/partners',
      spec: {
        clients: Object.entries(keys).map(([tenant, key]) => clientWith(key, { id: tenant, tenant })),
      },
    },
    policyResource(),
    policyResource(perAddress(limit), 'two'),
    policyResource(perAddress(100), 'many'),
    policyResource({ ...perAddress(100), validation: asJson }, 'checked'),
    policyResource({ ...byKey, concurrency: { keys: ['Tenant'], limit: 1 } }, 'tenants'),
    policyResource(
      { ...perAddress(100), rules: [authorizationRule('nobody', 'Deny'), authorizationRule('anyone', 'Allow')] },
      'denied',
    ),
    routeResource([
      ruleTo('web', { name: 'two', matches: under('/two'), access: enforce('two') }),
      ruleTo('web', { name: 'tenants', matches: under('/tenants'), access: enforce('tenants') }),
      ruleTo('web', { name: 'checked', matches: under('/checked'), access: enforce('checked') }),
      ruleTo('dead', { name: 'dead', matches: under('/dead'), access: enforce('many') }),
      ruleTo('web', {
        name: 'late',
        matches: under('/late'),
        access: enforce('many'),
        action: forwardTo('web', { timeouts: { ...timeouts, request: 50 } }),
      }),
      ruleTo('sockets', {
        name: 'sockets',
        matches: under('/sockets'),
        access: enforce('many'),
        action: forwardTo('sockets', { upgrades: ['websocket'] }),
      }),
      ruleTo('web', { name: 'denied', matches: under('/denied'), access: enforce('denied') }),
      ruleTo('web', { name: 'web', matches: under('/many'), access: enforce('many') }),
    ]),
  ]
  return all.map(seal)
}

describe('attack: concurrency', () => {
  const held: ServerResponse[] = []
  let backend: Backend
  let sockets: Listening
  let dead: Listening
  let served: ServedDataplane
  let target: { readonly address: string; readonly port: number }
  const ports = () => ({ web: backend.port, sockets: sockets.port, dead: dead.port })

  beforeAll(async () => {
    backend = await startBackend()
    sockets = await startSocketBackend()
    dead = await listen(createServer())
    const all = resources(ports(), 2)
    dead.close()
    served = await startServedDataplane(all, attackedEntry)
    target = await served.process.listener('http')
  })
  afterAll(async () => {
    await served.close()
    await backend.close()
    sockets.close()
  })
  beforeEach(() => {
    backend.respond((asked, response) => {
      if (asked.target.endsWith('/held')) held.push(response)
      else if (asked.target.endsWith('/begun')) response.write('begun', () => held.push(response))
      else response.end('ok')
    })
  })
  afterEach(async () => {
    for (const response of held.splice(0)) response.destroy()
    await expect.poll(slots).toBe(0)
  })

  async function slots(): Promise<number> {
    const text = await (await fetch(`${await served.process.admin()}/metrics`)).text()
    return Number(/^gatehouse_concurrency_slots (\d+)$/m.exec(text)?.[1])
  }

  /** Sends what the backend then holds. */
  async function hold(text: string): Promise<RawConnection> {
    const before = held.length
    const connection = await openRaw(target)
    await connection.send(text)
    await expect.poll(() => held.length).toBe(before + 1)
    return connection
  }

  async function ask(text: string): Promise<{ status: number; code: string; retryAfter: string | undefined }> {
    const [response] = (await sendRaw(target, text, { responses: 1 })).responses
    const code = /problem:([\w-]+)/.exec(response?.body.toString() ?? '')?.[1] ?? ''
    return { status: response?.status ?? 0, code, retryAfter: response?.headers.get('retry-after')?.[0] }
  }

  const seen = (path: string): number => backend.requests.filter((one) => one.target === path).length
  const exceeded = { status: 429, code: 'concurrency-exceeded', retryAfter: '1' }
  const passed = { status: 200, code: '', retryAfter: undefined }

  it('keeps what is beyond the limit from the backend, whatever it looks like, until one is over', async () => {
    const first = await hold(request('/two/held'))
    const second = await hold(request('/two/begun'))
    expect(await slots()).toBe(2)
    for (const text of [
      request('/two/third'),
      request('/two/third', { method: 'POST', body: 'x' }),
      request('/two/third', { headers: ['X-Forwarded-For: 198.51.100.7'] }),
      request('/%74wo/third', { host: 'API.shop.example:80' }),
    ])
      expect(await ask(text)).toEqual(exceeded)
    expect(seen('/two/third')).toBe(0)
    const line = await served.process.lines.first((one) => one['code'] === 'concurrency-exceeded')
    expect(line).toMatchObject({ log: 'security', check: 'concurrency', policy: 'shop/two' })
    held.shift()?.end('ok')
    expect((await first.read(1)).responses[0]?.status).toBe(200)
    expect(await ask(request('/two/third'))).toEqual(passed)
    second.close()
  })

  it('counts each tenant for itself, and what it refuses before costs nothing', async () => {
    const by = (tenant: keyof typeof keys, path: string): string =>
      request(path, { headers: [`X-Api-Key: ${keys[tenant]}`] })
    const acme = await hold(by('acme', '/tenants/held'))
    expect(await ask(by('acme', '/tenants/next'))).toEqual(exceeded)
    expect(await ask(request('/tenants/next', { headers: ['X-Api-Key: k-wrong'] }))).toMatchObject({ status: 401 })
    expect(await ask(by('globex', '/tenants/next'))).toEqual(passed)
    expect(await slots()).toBe(1)
    acme.close()
  })

  it('keeps counting what runs when the limit changes, when the policy goes, and when it comes back', async () => {
    const running = [await hold(request('/two/held')), await hold(request('/two/held'))]
    await served.controller.publish(resources(ports(), 3))
    const third = await hold(request('/two/held'))
    expect(await ask(request('/two/next'))).toEqual(exceeded)
    const without = resources(ports(), 3).filter(({ name }) => name !== 'shop/two')
    await served.controller.publish(without)
    expect(await ask(request('/two/next'))).toMatchObject({ status: 500, code: 'config-invalid' })
    await served.controller.publish(resources(ports(), 2))
    expect(await ask(request('/two/next'))).toEqual(exceeded)
    third.close()
    running[0]?.close()
    running[1]?.close()
    await expect.poll(slots).toBe(0)
    expect(await ask(request('/two/next'))).toEqual(passed)
  })

  it('lets only its part run where there are more data planes, and keeps it when nobody says how many there are', async () => {
    const told = (dataPlanes: number) => seal({ kind: 'fleet', name: 'fleet', spec: { dataPlanes } })
    await served.controller.publish([...resources(ports(), 4), told(2)])
    const running = [await hold(request('/two/held')), await hold(request('/two/held'))]
    expect(await ask(request('/two/next'))).toEqual(exceeded)
    await served.controller.publish(resources(ports(), 4))
    expect(await ask(request('/two/next'))).toEqual(exceeded)
    await served.controller.publish([...resources(ports(), 4), told(0)])
    expect(await ask(request('/two/next'))).toEqual(exceeded)
    await served.controller.publish([...resources(ports(), 4), told(1)])
    expect(await ask(request('/two/next'))).toEqual(passed)
    for (const one of running) one.close()
    await served.controller.publish([...resources(ports(), 2), told(1)])
  })

  const upload = (path: string, body: string): string =>
    request(path, { method: 'POST', headers: ['Content-Type: application/json', 'Content-Length: 64'] }) + body

  it.each<[string, string]>([
    ['within a body that is looked at', upload('/checked/x', '[1,')],
    ['within a body that goes on', upload('/many/x', '[1,')],
    ['before the answer', request('/many/held')],
    ['within the answer', request('/many/begun')],
    ['with more behind it', request('/many/held') + request('/many/held').repeat(5)],
  ])('gives a slot back when its client leaves %s', async (_, text) => {
    for (const end of ['reset', 'close'] as const) {
      const connections = await Promise.all(Array.from({ length: 10 }, () => openRaw(target)))
      await Promise.all(connections.map((connection) => connection.send(text)))
      await expect.poll(slots).toBe(10)
      for (const { socket } of connections) if (end === 'reset') socket.resetAndDestroy()
      for (const { socket } of connections) if (end === 'close') socket.end().destroy()
      await expect.poll(slots).toBe(0)
    }
  })

  it.each<[string, string, number]>([
    ['refused after it was let in by the limit', request('/denied/x'), 403],
    ['refused for its body', upload('/checked/x', `{}${' '.repeat(62)}`), 400],
    ['refused for its type', request('/checked/x', { method: 'POST', body: 'x' }), 415],
    ['sent to a backend that is not there', request('/dead/x'), 502],
    ['too late', request('/late/held'), 504],
    ['answered', request('/many/x'), 200],
  ])('gives a slot back for a request that is %s', async (_, text, status) => {
    for (let count = 0; count < 5; count++) expect(await ask(text)).toMatchObject({ status })
    await expect.poll(slots).toBe(0)
  })

  it('gives the slot of a WebSocket back when it ends, and not before', async () => {
    const opening = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
    const connection = await openRaw(target)
    await connection.send(
      request('/sockets/x', { headers: [...opening, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='] }),
    )
    await expect.poll(slots).toBe(1)
    await connection.send('more')
    expect(await slots()).toBe(1)
    connection.close()
    await expect.poll(slots).toBe(0)
    const random = seeded(3)
    await Promise.all(Array.from({ length: 50 }, () => droppedSocket(target.port, random)))
    await expect.poll(slots).toBe(0)
  })

  it('gives slots back that streams of HTTP/2 took, reset one by one or with their connection', async () => {
    const raw = await openHttp2(target)
    const ids = Array.from({ length: 10 }, (_, index) => 2 * index + 1)
    await raw.send(...ids.map((id) => headers(id, fieldsOf({ path: '/many/held' }))))
    await expect.poll(slots).toBe(10)
    await raw.send(...ids.slice(0, 4).map((id) => rstStream(id)))
    await expect.poll(slots).toBe(6)
    raw.close()
    await expect.poll(slots).toBe(0)
  })
})
