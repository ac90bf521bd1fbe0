import { createHash } from 'node:crypto'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { seal, type Resource } from '@gatehouse/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openRaw, sendRaw } from '../support/raw.ts'
import {
  enforce,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
  under,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'
import { clientWith } from '../support/keyHash.ts'

const apiKey = 'k-5f0c1d7e9a3b4c6d8e2f1a0b9c8d7e6f'
const webSocketKey = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = createHash('sha1').update(`${webSocketKey}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
const switching = (...headers: string[]): string =>
  ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...headers, '', ''].join('\r\n')
const accepted = switching(`Sec-WebSocket-Accept: ${accept}`)

/** A backend that answers a head with bytes and sends everything behind it back. */
interface SocketBackend {
  /** What it answers to the next heads. */
  answer: string
  /** Everything received since the last test began. */
  received: string
  readonly sockets: Set<Socket>
  readonly server: Server
}

async function startSocketBackend(): Promise<SocketBackend> {
  const backend: SocketBackend = { answer: accepted, received: '', sockets: new Set(), server: createServer() }
  backend.server.on('connection', (socket) => {
    backend.sockets.add(socket)
    let head = ''
    let open = false
    socket.on('error', () => socket.destroy())
    socket.on('close', () => backend.sockets.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      backend.received += text
      if (open) {
        socket.write(chunk)
        return
      }
      head += text
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      open = true
      socket.write(backend.answer + head.slice(end + 4), 'latin1')
      if (!backend.answer.includes(' 101 ')) socket.end()
    })
  })
  await new Promise<void>((resolve) => backend.server.listen(0, '127.0.0.1', resolve))
  return backend
}

function resources(port: number, keys: readonly string[]): Resource[] {
  const to = (over: Partial<ReturnType<typeof forwardTo>> = {}) => ({
    ...forwardTo('web'),
    upgrades: ['websocket' as const],
    ...over,
  })
  const timeouts = { request: 15_000, backendRequest: 0, connect: 1000, idle: 60_000, maxStreamAge: 0 }
  const rules = [
    ruleTo('web', { name: 'open', matches: under('/open'), action: to() }),
    ruleTo('web', { name: 'plain', matches: under('/plain') }),
    ruleTo('web', { name: 'narrow', matches: under('/narrow'), access: enforce('narrow'), action: to() }),
    ruleTo('web', { name: 'keyed', matches: under('/keyed'), access: enforce('keyed'), action: to() }),
    ruleTo('web', {
      name: 'aging',
      matches: under('/aging'),
      action: to({ timeouts: { ...timeouts, maxStreamAge: 1000 } }),
    }),
    ruleTo('web', { name: 'idle', matches: under('/idle'), action: to({ timeouts: { ...timeouts, idle: 200 } }) }),
  ]
  return [
    installationResource(),
    listenerResource(),
    ...upstreamResources('web', [{ address: '127.0.0.1', port }]),
    {
      kind: 'credentials',
      name: 'shop/partners',
      spec: {
        clients: keys.map((key, index) => clientWith(key, { id: `client-${index}` })),
      },
    },
    policyResource(),
    policyResource({ requestHeaders: ['accept'] }, 'narrow'),
    policyResource(
      {
        providers: [
          {
            name: 'partners',
            asserts: { roles: [], groups: [], tenants: [], plans: [] },
            broken: false,
            method: {
              type: 'ApiKey',
              from: [
                { header: 'x-api-key', prefix: '' },
                { cookie: 'key', allowedOrigins: ['https://shop.example'] },
              ],
              credentials: 'shop/partners',
            },
          },
        ],
      },
      'keyed',
    ),
    routeResource(rules),
  ]
}

const opening = [
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${webSocketKey}`,
]
const head = (target: string, headers: readonly string[], { method = 'GET', version = '1.1' } = {}): string =>
  [`${method} ${target} HTTP/${version}`, 'Host: api.shop.example', ...headers, '', ''].join('\r\n')

let backend: SocketBackend
let served: ServedDataplane
beforeAll(async () => {
  backend = await startSocketBackend()
  const { port } = backend.server.address() as AddressInfo
  served = await startServedDataplane(resources(port, [apiKey]).map(seal), attackedEntry)
})
afterAll(async () => {
  await served.close()
  for (const socket of backend.sockets) socket.destroy()
  await new Promise((resolve) => backend.server.close(resolve))
})
beforeEach(() => {
  backend.answer = accepted
  backend.received = ''
})

const listener = () => served.process.listener('http')

/** A connection that has become a WebSocket. */
async function open(target: string, headers: readonly string[] = [], early = '') {
  const connection = await openRaw(await listener())
  let text = ''
  let ended = false
  connection.socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  connection.socket.on('close', () => (ended = true))
  await connection.send(head(target, [...opening, ...headers]) + early)
  await expect.poll(() => text).toContain('\r\n\r\n')
  return { ...connection, text: () => text, ended: () => ended }
}

describe('attack: WebSockets', () => {
  it('carry bytes both ways in order, those too that came before the answer, and say who they are', async () => {
    const socket = await open(
      '/open/chat',
      ['Origin: https://shop.example', 'X-Gatehouse-Subject: root'],
      '\x81\x85early',
    )
    expect(socket.text()).toMatch(/^HTTP\/1\.1 101 /)
    expect(socket.text().toLowerCase()).toMatch(/\r\nupgrade: websocket\r\n/)
    expect(socket.text().match(/\r\nconnection: /gi)).toHaveLength(1)
    await socket.send('\x81\x85later')
    await expect.poll(() => socket.text()).toMatch(/\x81\x85early\x81\x85later$/)
    const seen = backend.received.toLowerCase()
    expect(seen).toMatch(/^get \/open\/chat http\/1\.1\r\n/)
    expect(seen).toContain(`\r\nsec-websocket-key: ${webSocketKey.toLowerCase()}\r\n`)
    expect(seen).toContain('\r\nx-request-id: ')
    expect(seen).not.toContain('x-gatehouse-subject')
    socket.close()
    const line = await served.process.lines.first((one) => one['path'] === '/open/chat', 20_000)
    expect(line).toMatchObject({ log: 'audit', decision: 'permit', status: 101, upstreamStatus: 101 })
    await expect.poll(() => backend.sockets.size).toBe(0)
  })

  it.each([
    ['a rule that does not name them', '/plain', opening, {}, 501],
    ['nobody', '/keyed', opening, {}, 401],
    ['a wrong key', '/keyed', [...opening, 'X-Api-Key: k-wrong'], {}, 401],
    [
      'a page of another site (CVE-2026-133111)',
      '/keyed',
      [...opening, `Cookie: key=${apiKey}`, 'Origin: https://evil.example'],
      {},
      403,
    ],
    ['a page of nobody', '/keyed', [...opening, `Cookie: key=${apiKey}`], {}, 403],
    ['another protocol', '/open', ['Connection: Upgrade', 'Upgrade: tcp'], {}, 501],
    ['two protocols', '/open', [...opening, 'Upgrade: websocket'], {}, 501],
    ['a list of protocols', '/open', opening.with(1, 'Upgrade: websocket, tcp'), {}, 501],
    ['POST', '/open', [...opening, 'Content-Length: 0'], { method: 'POST' }, 501],
    ['HTTP/1.0', '/open', opening, { version: '1.0' }, 501],
    ['another version', '/open', opening.with(2, 'Sec-WebSocket-Version: 8'), {}, 400],
    ['two versions', '/open', [...opening, 'Sec-WebSocket-Version: 13'], {}, 400],
    ['no key', '/open', opening.slice(0, 3), {}, 400],
    ['a short key', '/open', opening.with(3, 'Sec-WebSocket-Key: AAAA'), {}, 400],
    ['a body', '/open', [...opening, 'Content-Length: 5'], {}, 400],
    ['a chunked body', '/open', [...opening, 'Transfer-Encoding: chunked'], {}, 400],
    ['no wish of the connection', '/open', opening.with(0, 'Connection: keep-alive'), {}, 400],
  ])(
    'refuse %s, and the backend hears nothing of it or of what follows',
    async (...[, target, headers, line, status]) => {
      const smuggled = 'GET /open/smuggled HTTP/1.1\r\nHost: api.shop.example\r\n\r\n'
      const { responses, closed } = await sendRaw(await listener(), head(target, headers, line) + smuggled, {})
      expect(responses[0]?.status).toBe(status)
      expect(responses).toHaveLength(1)
      expect(closed).toBe(true)
      expect(backend.received).toBe('')
    },
  )

  it.each([
    ['no', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', 403],
    ['another version', 'HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\nContent-Length: 0\r\n\r\n', 426],
    ['an answer to another key', switching('Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA='), 502],
    ['an answer to no key', switching(), 502],
    ['another protocol', accepted.replace('Upgrade: websocket', 'Upgrade: tcp'), 502],
  ])('stay closed when the backend says %s: nothing that follows gets there', async (_name, answer, status) => {
    backend.answer = answer
    const smuggled = 'GET /plain/smuggled HTTP/1.1\r\nHost: api.shop.example\r\n\r\n'
    const { responses, closed } = await sendRaw(await listener(), head('/open/no', opening) + smuggled, {})
    expect(responses.map((response) => response.status)).toEqual([status])
    expect(closed).toBe(true)
    expect(backend.received).not.toContain('smuggled')
  })

  it('cannot be asked for behind a request that is being answered', async () => {
    backend.answer = ''
    const { responses, closed } = await sendRaw(
      await listener(),
      head('/plain/slow', []) + head('/open/behind', opening),
      {},
    )
    expect({ responses, closed }).toMatchObject({ responses: [], closed: true })
    expect(backend.received).not.toContain('/open/behind')
  })

  it('open for a page that may', async () => {
    const socket = await open('/keyed', [`Cookie: key=${apiKey}`, 'Origin: https://shop.example'])
    expect(socket.text()).toMatch(/^HTTP\/1\.1 101 /)
    expect(backend.received).not.toContain(apiKey)
    socket.close()
  })

  it('open where a policy names the headers that go on', async () => {
    const socket = await open('/narrow', ['X-Other: 1'])
    expect(socket.text()).toMatch(/^HTTP\/1\.1 101 /)
    expect(backend.received.toLowerCase()).not.toContain('x-other')
    socket.close()
  })

  it('end with the key that opened them', async () => {
    const { port } = backend.server.address() as AddressInfo
    const socket = await open('/keyed/chat', [`X-Api-Key: ${apiKey}`])
    await served.controller.publish(resources(port, []).map(seal))
    await expect.poll(() => socket.ended(), { timeout: 5_000 }).toBe(true)
    await expect.poll(() => backend.sockets.size).toBe(0)
    await served.controller.publish(resources(port, [apiKey]).map(seal))
  })

  it.each(['/aging', '/idle'])('end in time (%s)', async (target) => {
    const socket = await open(target)
    await expect.poll(() => socket.ended(), { timeout: 5_000 }).toBe(true)
    await expect.poll(() => backend.sockets.size).toBe(0)
  })

  it('end for the client when the backend ends or dies', async () => {
    for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const socket = await open('/open')
      for (const held of backend.sockets) end(held)
      await expect.poll(() => socket.ended(), { timeout: 5_000 }).toBe(true)
    }
  })

  it('hold against the backend only what it did', async () => {
    const failureOf = async (target: string) =>
      (await served.process.lines.first(({ path }) => path === target))['upstreamFailure']
    const leaving = await open('/open/leaving')
    leaving.close()
    expect(await failureOf('/open/leaving')).toBeNull()
    await open('/idle/silent')
    expect(await failureOf('/idle/silent')).toBeNull()
    await open('/open/reset')
    for (const held of backend.sockets) held.resetAndDestroy()
    expect(await failureOf('/open/reset')).toBe('reset')
  })

  it('end for the backend when the client ends', async () => {
    const socket = await open('/open')
    socket.socket.end()
    await expect.poll(() => backend.sockets.size).toBe(0)
  })
})
