import { once } from 'node:events'
import { connect, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { seal } from '@gatehouse/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { startGrpcBackend } from '../support/grpcBackend.ts'
import {
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'

const host = 'api.shop.example'
const messages = 15
/** Milliseconds between two messages. */
const rhythm = 100
/** Longer than a connection on which nothing is asked is kept meanwhile. */
const quiet = 6000

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Sends back what comes on WebSockets. */
async function startSockets(): Promise<{ readonly address: string; readonly port: number }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => socket.send(data.toString()))
  })
  await once(server, 'listening')
  cleanups.push(async () => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** Streams some messages and status 0; of `/endless` without end. */
async function startCalls() {
  const backend = await startGrpcBackend(({ headers, stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    const next = (sent: number): void => {
      if (stream.destroyed) return
      stream.write(Buffer.from([0, 0, 0, 0, 1, sent % 256]))
      if (sent === messages && !headers[':path']?.endsWith('/endless')) stream.end()
      else setTimeout(next, rhythm, sent + 1)
    }
    next(1)
  })
  cleanups.push(() => backend.close())
  return backend
}

async function serve(deadline: number): Promise<ServedDataplane> {
  const [sockets, calls] = [await startSockets(), await startCalls()]
  const served = await startServedDataplane(
    [
      installationResource(),
      listenerResource(),
      policyResource(),
      ...upstreamResources('sockets', [sockets]),
      ...upstreamResources('calls', [calls], { protocol: 'H2C' }),
      routeResource([
        ruleTo('sockets', {
          name: 'sockets',
          matches: under('/socket'),
          action: forwardTo('sockets', { upgrades: ['websocket'] }),
        }),
        ruleTo('calls', { name: 'calls' }),
      ]),
    ].map(seal),
    { environment: { GATEHOUSE_DRAIN_DELAY: '0', GATEHOUSE_DRAIN_DEADLINE: String(deadline) } },
  )
  cleanups.push(served.close)
  return served
}

type Listener = Awaited<ReturnType<ServedDataplane['process']['listener']>>

async function openSocket({ address, port }: Listener): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${address}:${port}/socket`, { headers: { host } })
  socket.on('error', () => {})
  await once(socket, 'open')
  return socket
}

async function talk(socket: WebSocket, count = messages, pace = rhythm): Promise<number> {
  for (let sent = 1; sent <= count; sent++) {
    socket.send(`message ${sent}`)
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(data.toString()).toBe(`message ${sent}`)
    await pause(pace)
  }
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  socket.close(1000)
  return (await closed)[0]
}

interface Call {
  readonly stream: ClientHttp2Stream
  /** Bytes that came, and the status if one did. */
  readonly over: Promise<{ readonly length: number; readonly status: unknown }>
}

/** Begins calls on one connection. */
async function openCalls({ address, port }: Listener, paths: readonly string[]): Promise<Call[]> {
  const session = connect(`http://${address}:${port}`)
  session.on('error', () => {})
  cleanups.push(async () => session.destroy())
  const calls = paths.map((path) => {
    const sent = { ':method': 'POST', ':path': path, ':authority': host, te: 'trailers' }
    const stream = session.request({ ...sent, 'content-type': 'application/grpc' })
    let length = 0
    let trailers: IncomingHttpHeaders = {}
    stream.on('data', (chunk: Buffer) => (length += chunk.length)).on('error', () => {})
    stream.on('trailers', (received) => (trailers = received))
    stream.end()
    const closed = new Promise((resolve) => stream.once('close', resolve))
    return { stream, over: closed.then(() => ({ length, status: trailers['grpc-status'] })) }
  })
  await Promise.all(calls.map(({ stream }) => once(stream, 'response')))
  return calls
}

/** Tells a data plane to end. @returns its exit status and how long it took, in milliseconds, once it has begun */
async function told({ process: { child, lines } }: ServedDataplane) {
  const began = performance.now()
  const ended = once(child, 'exit').then(([status]: unknown[]) => ({ status, took: performance.now() - began }))
  child.kill('SIGTERM')
  await lines.first(({ event }) => event === 'draining')
  return { ended }
}

describe('a data plane that is told to end', () => {
  it('lets WebSockets and calls come to their own end, however quiet, and then is gone', async () => {
    const deadline = 20_000
    const served = await serve(deadline)
    const listener = await served.process.listener('http')
    const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(listener)))
    const calls = await openCalls(
      listener,
      Array.from({ length: 5 }, () => '/shop.Shop/Watch'),
    )
    const [silent, ...busy] = sockets
    const { ended } = await told(served)
    const talks = [talk(silent!, 2, quiet), ...busy.map((socket) => talk(socket))]
    expect(await Promise.all(talks)).toEqual([1000, 1000, 1000, 1000, 1000])
    for (const { over } of calls) expect(await over).toEqual({ length: messages * 6, status: '0' })
    const { status, took } = await ended
    expect(status).toBe(0)
    expect(took).toBeGreaterThan(2 * quiet)
    expect(took).toBeLessThan(deadline)
  })

  it('cuts what does not end when its time is over, and not before', async () => {
    const deadline = 1500
    const served = await serve(deadline)
    const listener = await served.process.listener('http')
    const socket = await openSocket(listener)
    const [call] = await openCalls(listener, ['/shop.Shop/endless'])
    const began = performance.now()
    const { ended } = await told(served)
    const cut = once(socket, 'close').then(([code]: unknown[]) => ({ code, after: performance.now() - began }))
    const { code, after } = await cut
    expect(code).toBe(1006)
    expect(after).toBeGreaterThan(deadline)
    expect((await call!.over).status).not.toBe('0')
    expect((await ended).status).toBe(0)
  })
})
