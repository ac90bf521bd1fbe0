import { seal, type Resource, type ResourceSpec } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { openRaw, sendRaw, type RawConnection } from '../support/raw.ts'
import {
  addressesFrom,
  enforce,
  installationResource,
  listenersApart,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'

type ListenerSpec = ResourceSpec<'listener'>

const loopback = addressesFrom('127.0.0.0/8')
const door: Readonly<Record<string, Partial<ListenerSpec>>> = {
  proxied: { clientAddress: { ...loopback, proxyProtocol: 'Require' } },
  strangers: { clientAddress: { ...addressesFrom('192.0.2.0/24'), proxyProtocol: 'Require' } },
  narrow: { connections: { max: 3, perClient: null } },
  shared: { connections: { max: 100, perClient: 2 } },
  balanced: { clientAddress: loopback, connections: { max: 100, perClient: 2 } },
  announced: { clientAddress: { ...loopback, proxyProtocol: 'Require' }, connections: { max: 100, perClient: 2 } },
}

const resources = (backend: Backend): Resource[] => [
  installationResource(),
  ...listenersApart(door),
  ...upstreamResources('web', [backend]),
  policyResource({ sourceIPs: { allow: ['203.0.113.0/24', '127.0.0.0/8'], deny: [], broken: false } }),
  routeResource([ruleTo('web')], { listeners: Object.keys(door) }),
  policyResource({}, 'open'),
  routeResource(
    [ruleTo('web', { access: enforce('open') })],
    { listeners: Object.keys(door), hostnames: ['open.shop.example'] },
    'open',
  ),
]

let backend: Backend
let served: ServedDataplane
beforeAll(async () => {
  backend = await startBackend()
  served = await startServedDataplane(resources(backend).map(seal), attackedEntry)
})
afterAll(async () => {
  await served.close()
  await backend.close()
})

const get = 'GET /a HTTP/1.1\r\nHost: api.shop.example\r\n\r\n'
const from = (source: string): string => `PROXY TCP4 ${source} 127.0.0.1 4711 80\r\n`
const binaryFrom = (bytes: readonly number[]): string =>
  `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c${String.fromCharCode(...bytes)}\x7f\0\0\x01\x12\x67\0\x50`

async function ask(listener: string, bytes: string | readonly string[], responses = 1) {
  const before = backend.requests.length
  const exchange = await sendRaw(await served.process.listener(listener), bytes, { responses })
  const id = exchange.responses[0]?.headers.get('x-request-id')?.[0]
  const line = id === undefined ? null : await served.process.lines.first((one) => one['requestId'] === id, 20_000)
  return {
    status: exchange.responses[0]?.status,
    closed: exchange.closed,
    reached: backend.requests.slice(before),
    line,
  }
}

describe('attack: PROXY headers', () => {
  it.each([
    ['version 1', from('203.0.113.7') + get, '203.0.113.7', 200],
    ['version 1 in pieces', ['PROXY TCP4 203.0', '.113.7 127.0.0.1 4711 80\r', `\n${get}`], '203.0.113.7', 200],
    ['version 2', binaryFrom([203, 0, 113, 9]) + get, '203.0.113.9', 200],
    ['an address that may not come in', from('198.51.100.1') + get, '198.51.100.1', 403],
    ['an address of a proxy', from('127.0.0.9') + get, '127.0.0.9', 200],
    ['a sender that speaks for itself', `PROXY UNKNOWN\r\n${get}`, '127.0.0.1', 200],
  ])('of a trusted proxy are believed: %s', async (_name, bytes, clientAddress, status) => {
    const { reached, ...asked } = await ask('proxied', bytes)
    expect(asked).toMatchObject({ status, line: { clientAddress } })
    expect(reached).toHaveLength(status === 200 ? 1 : 0)
  })

  it('are what the backend hears of, and X-Forwarded-For of an announced stranger is not believed', async () => {
    const spoofed = get.replace('\r\n\r\n', '\r\nX-Forwarded-For: 203.0.113.99\r\n\r\n')
    const { reached, line } = await ask('proxied', from('203.0.113.7') + spoofed)
    expect(line).toMatchObject({ clientAddress: '203.0.113.7' })
    const headers = reached[0]!.rawHeaders
    expect(headers[headers.indexOf('x-forwarded-for') + 1]).toBe('203.0.113.7')
  })

  it.each([
    ['none', get],
    ['two', from('203.0.113.7') + from('127.0.0.1') + get],
    ['one that cannot be read', `PROXY TCP4 203.0.113.7\r\n${get}`],
    ['one with a line feed alone', from('203.0.113.7').replace('\r\n', '\n') + get],
    ['one in lower case', from('203.0.113.7').toLowerCase() + get],
  ])('end the connection when there is %s', async (name, bytes) => {
    const { status, closed, reached } = await ask('proxied', bytes, Infinity)
    expect(status).toBe(name === 'two' ? 400 : undefined)
    expect(closed).toBe(true)
    expect(reached).toEqual([])
  })

  it('of a peer that nobody trusts end the connection', async () => {
    const { status, closed, reached } = await ask('strangers', from('203.0.113.7') + get, Infinity)
    expect({ status, closed, reached }).toEqual({ status: undefined, closed: true, reached: [] })
    const metrics = await (await fetch(`${await served.process.admin()}/metrics`)).text()
    expect(metrics).toMatch(
      /gatehouse_connections_refused_total\{listener="strangers",reason="no-proxy-header"\} [1-9]/,
    )
  })
})

describe('attack: connections that are reset before they are let in', () => {
  it('are of nobody, and nothing that came on them is served', async () => {
    const before = backend.bytes().length
    const { address, port } = await served.process.listener('narrow')
    const { pid } = served.process
    process.kill(pid, 'SIGSTOP')
    try {
      // The kernel takes the connection and all that comes on it, and the gateway hears of it when it is over.
      const connection = await openRaw({ address, port })
      await connection.send(get.replace('api.', 'open.'))
      connection.socket.resetAndDestroy()
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    const refused = async (): Promise<string> => (await fetch(`${await served.process.admin()}/metrics`)).text()
    await expect.poll(refused).toMatch(/gatehouse_connections_refused_total\{listener="narrow",reason="gone"\} 1/)
    expect(backend.bytes().length).toBe(before)
  })
})

describe('attack: more connections than may be', () => {
  async function hold(listener: string, count: number, greeting = ''): Promise<RawConnection[]> {
    const held: RawConnection[] = []
    for (let at = 0; at < count; at++) {
      const connection = await openRaw(await served.process.listener(listener))
      await connection.send(greeting + get)
      expect((await connection.read(1)).responses[0]?.status).toBe(200)
      held.push(connection)
    }
    return held
  }

  async function isRefused(listener: string, greeting = ''): Promise<boolean> {
    const { responses, closed } = await sendRaw(await served.process.listener(listener), greeting + get, {
      responses: 1,
    })
    return responses.length === 0 && closed
  }

  it.each([
    ['to a port', 'narrow', 3, ''],
    ['of a client', 'shared', 2, ''],
    ['of a client that a proxy announces', 'announced', 2, from('203.0.113.7')],
  ])('%s are ended, and others come in when some have gone', async (_name, listener, count, greeting) => {
    const held = await hold(listener, count, greeting)
    expect(await isRefused(listener, greeting)).toBe(true)
    held.pop()!.close()
    await expect.poll(() => isRefused(listener, greeting)).toBe(false)
    for (const connection of held) connection.close()
  })

  it('of one client keep no other out', async () => {
    const held = await hold('announced', 2, from('203.0.113.8'))
    expect(await isRefused('announced', from('203.0.113.8'))).toBe(true)
    expect(await isRefused('announced', from('203.0.113.9'))).toBe(false)
    for (const connection of held) connection.close()
  })

  it('are not counted for a proxy that stands for many', async () => {
    const held = await hold('balanced', 5)
    for (const connection of held) connection.close()
  })
})
