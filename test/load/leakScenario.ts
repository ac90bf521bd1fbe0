import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { seal, type SealedResource } from '@gatehouse/contract'
import {
  enforce,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  uncheckedForm,
  upstreamResources,
  under,
} from '../support/resources.ts'

/** A number from 0 up to 1, the same row of them for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Takes lists of short texts. */
const listSchema = JSON.stringify({ type: 'array', items: { type: 'string', pattern: '^[a-z ]*$' } })

/** More than ever run at once. */
const concurrency = { keys: ['IP' as const], limit: 100_000 }

/** Ports of the backends. */
export interface LeakBackends {
  readonly slow: readonly number[]
  readonly broken: readonly number[]
  readonly sockets: readonly number[]
  readonly large: readonly number[]
  readonly quick: readonly number[]
}

/** Slow clients may be slow for as long as the others are asked. */
const patient = { request: 60_000, backendRequest: 0, connect: 1000, idle: 60_000, maxStreamAge: 0 }

/** Routes each first segment of a path to the backends of its name, all else to quick ones; `/checked` is `/slow` with a schema. */
export function leakResources({ slow, broken, sockets, large, quick }: LeakBackends): SealedResource[] {
  const targets = (ports: readonly number[]) => ports.map((port) => ({ address: '127.0.0.1', port }))
  return [
    installationResource(),
    listenerResource(),
    ...upstreamResources('slow', targets(slow)),
    ...upstreamResources('broken', targets(broken)),
    ...upstreamResources('sockets', targets(sockets)),
    ...upstreamResources('large', targets(large)),
    ...upstreamResources('quick', targets(quick)),
    policyResource({ concurrency }),
    policyResource(
      { concurrency, validation: { ...uncheckedForm, body: { schema: listSchema, maxDepth: 4 } } },
      'checked',
    ),
    routeResource([
      ruleTo('slow', { name: 'checked', matches: under('/checked'), access: enforce('checked') }),
      ruleTo('slow', { name: 'slow', matches: under('/slow') }),
      ruleTo('broken', { name: 'broken', matches: under('/broken') }),
      ruleTo('sockets', {
        name: 'sockets',
        matches: under('/sockets'),
        action: forwardTo('sockets', { upgrades: ['websocket'] }),
      }),
      ruleTo('large', { name: 'large', matches: under('/large'), action: forwardTo('large', { timeouts: patient }) }),
      ruleTo('quick', { name: 'quick' }),
    ]),
  ].map(seal)
}

export interface Listening {
  readonly port: number
  close(): void
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A backend that reads the request and dribbles 64 KiB out over some milliseconds. */
export function startSlowBackend(random: () => number): Promise<Listening> {
  const piece = Buffer.alloc(8 * 1024, 'x')
  const dribble = (response: ServerResponse, left: number): void => {
    if (response.destroyed) return
    if (left === 0) return void response.end()
    response.write(piece)
    setTimeout(() => dribble(response, left - 1), random() * 3)
  }
  const server = createServer((request, response) => {
    request.on('error', () => response.destroy())
    request.resume()
    setTimeout(() => dribble(response, 8), random() * 5)
  })
  return listen(server)
}

const failures: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(),
  (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
  (socket) => socket.end('this is not HTTP\r\n\r\n'),
  (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntorn'),
  (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    setTimeout(() => socket.resetAndDestroy(), 1)
  },
  (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
  (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'),
]

/** A backend that fails each request in another way. */
export function startBrokenBackend(): Promise<Listening> {
  let turn = 0
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => failures[turn++ % failures.length]!(socket))
  })
  return listen(server)
}

const body = Buffer.alloc(32 * 1024, 'b')
const get = 'GET /slow HTTP/1.1\r\nHost: api.shop.example\r\n\r\n'
const post = `POST /slow HTTP/1.1\r\nHost: api.shop.example\r\nContent-Length: ${body.length}\r\n\r\n`

const checkedBody = (length: number): Buffer => {
  const head = `POST /checked HTTP/1.1\r\nHost: api.shop.example\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
  return Buffer.from(`${head}[${'"a b ", '.repeat((length - 8) / 8)}"a b" ]`)
}
/** Bodies that are checked where they come in, and by a worker. */
const checkedBodies = [checkedBody(8 * 1024), checkedBody(96 * 1024)] as const

/**
 * Sends a body that has to be checked and goes away at a random point: within it, while it is checked, before the answer
 * or within it.
 */
export const abortedCheck = (port: number, random: () => number): Promise<void> =>
  abort(port, random, checkedBodies[random() < 0.5 ? 0 : 1])

/**
 * Sends a request and goes away at a random point: within the head, after it, within the upload, before the answer or
 * within it. Most of the time by a reset, else by closing.
 */
export function abortedRequest(port: number, random: () => number): Promise<void> {
  return abort(port, random, random() < 0.5 ? Buffer.from(get) : Buffer.concat([Buffer.from(post), body]))
}

/** Milliseconds that a client stays at most. */
const longest = 1000

function abort(port: number, random: () => number, text: Buffer): Promise<void> {
  const whole = random() < 0.6
  const sent = whole ? text : text.subarray(0, Math.ceil(random() * text.length))
  const after = random() * 24 * 1024
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let received = 0
    const leave = (): void => {
      if (random() < 0.9) socket.resetAndDestroy()
      else socket.destroy()
    }
    socket.on('connect', () => {
      socket.write(sent)
      // Some wait for part of the answer, the others leave before it can begin.
      if (!whole || random() < 0.5) setTimeout(leave, random() * 6)
    })
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received > after) leave()
    })
    // An answer that is shorter than that is whole, and its connection kept.
    const latest = setTimeout(leave, longest)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(latest)
      resolve()
    })
  })
}
