import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { seal, type SealedResource } from '@gatehouse/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { openRaw, type RawConnection } from '../support/raw.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { balancer, startTraffic, type Target } from '../support/traffic.ts'

const host = 'api.shop.example'
const chunks = 40
const chunk = Buffer.alloc(4096, 'x')
const digest = createHash('sha256')
  .update(Buffer.alloc(chunks * chunk.length, 'x'))
  .digest('hex')
/** Milliseconds between two chunks of a slow body. */
const rhythm = 100

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Gives a stream one chunk after the other. */
async function dribble(stream: { write(bytes: Buffer): unknown; end(): unknown }): Promise<void> {
  for (let sent = 0; sent < chunks; sent++) {
    stream.write(chunk)
    await pause(rhythm)
  }
  stream.end()
}

async function sha256(message: IncomingMessage): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of message) hash.update(piece as Buffer)
  return hash.digest('hex')
}

/** Digests uploads, streams downloads, and says ok to anything else. */
async function startSlowBackend(): Promise<Target> {
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (incoming.url === '/upload') response.end(await sha256(incoming))
    else if (incoming.url === '/download') await dribble(response)
    else response.end('ok')
  }
  const server = createServer((incoming, response) => void answer(incoming, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`

const resources = (target: Target, policy: Parameters<typeof policyResource>[0] = {}): SealedResource[] =>
  [
    installationResource(),
    listenerResource(),
    ...upstreamResources('orders', [target]),
    policyResource(policy),
    routeResource([ruleTo('orders')]),
  ].map(seal)

async function serve(target: Target, drain: { readonly delay: number; readonly deadline: number }) {
  const served = await startServedDataplane(resources(target), {
    environment: { GATEHOUSE_DRAIN_DELAY: String(drain.delay), GATEHOUSE_DRAIN_DEADLINE: String(drain.deadline) },
  })
  cleanups.push(served.close)
  const { process: dataplane } = served
  return { served, listener: await dataplane.listener('http'), admin: await dataplane.admin() }
}

const upload = ({ address, port }: Target): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: address, port, method: 'POST', path: '/upload', headers: { host } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part)).on('error', reject)
      response.on('end', () => resolve(Buffer.concat(parts).toString()))
    })
    sent.on('error', reject)
    void dribble(sent)
  })

const download = ({ address, port }: Target): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: address, port, path: '/download', headers: { host } }, (response) => {
      sha256(response).then(resolve, reject)
    })
    sent.on('error', reject).end()
  })

/** What the kubelet and kube-proxy do: once it is not ready, it gets no new connections, a little later. */
async function withdrawn(admin: string, latency: number): Promise<void> {
  while ((await fetch(`${admin}/readyz`)).ok) await pause(50)
  await pause(latency)
}

/** Ends a data plane with SIGTERM. @returns its exit status and how long it took, in milliseconds */
async function ended({ process: { child } }: ServedDataplane): Promise<{ status: number | null; took: number }> {
  const began = performance.now()
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return { status: await exit, took: performance.now() - began }
}

const lasting = (least: number, most: number) => () => least + Math.random() * (most - least)

describe('a data plane that is told to end', () => {
  it('loses no request while others take over', async () => {
    const target = await startSlowBackend()
    const drain = { delay: 1000, deadline: 10_000 }
    const [leaving, staying] = [await serve(target, drain), await serve(target, { delay: 0, deadline: 1000 })]
    const targets = balancer(leaving.listener, staying.listener)
    const flows = [
      startTraffic(40, { balancer: targets, host, keepAlive: true, think: lasting(0, 5) }),
      startTraffic(8, { balancer: targets, host, keepAlive: true, think: lasting(200, 1500) }),
      startTraffic(2, { balancer: targets, host, keepAlive: false, think: lasting(5, 20) }),
    ]
    const crossing = [upload(leaving.listener), download(leaving.listener)]
    const stuck = [await openRaw(leaving.listener), await openRaw(leaving.listener)]
    await stuck[0]!.send('GET / HTTP/1.1\r\nHost: api')
    while (flows.some((flow) => flow.total() < 20)) await pause(20)
    const before = flows.map(({ answered }) => answered.get(leaving.listener.port) ?? 0)
    const end = ended(leaving.served)
    await leaving.served.process.lines.first(({ event }) => event === 'draining')
    leaving.served.process.child.kill('SIGTERM')
    await withdrawn(leaving.admin, 300)
    targets.withdraw(leaving.listener)
    const { status, took } = await end
    await Promise.all(flows.map((flow) => flow.stop()))
    expect(flows.map(({ failed }) => failed)).toEqual([[], [], []])
    expect(await Promise.all(crossing)).toEqual([digest, digest])
    expect(status).toBe(0)
    expect(took).toBeGreaterThan(drain.delay)
    expect(took).toBeLessThan(drain.delay + drain.deadline)
    for (const [index, { answered }] of flows.entries())
      expect(answered.get(leaving.listener.port)).toBeGreaterThan(before[index]!)
    for (const connection of stuck) expect((await connection.read(Infinity)).closed).toBe(true)
  })

  it('is gone at the deadline, whatever hangs', async () => {
    const { served, listener, admin } = await serve(await startSlowBackend(), { delay: 0, deadline: 500 })
    const used = await openRaw(listener)
    await used.send(get('/'))
    await used.read(1)
    await used.send('GET / HTTP/1.1\r\nHost: api')
    const deaf = await openRaw(listener)
    deaf.socket.pause()
    await deaf.send(get('/download'))
    const { hostname, port } = new URL(admin)
    const admins = await openRaw({ address: hostname, port: Number(port) })
    const busy = await openRaw(listener)
    await busy.send(get('/download'))
    await once(busy.socket, 'data')
    const { status, took } = await ended(served)
    expect(status).toBe(0)
    expect(took).toBeLessThan(2000)
    expect((await busy.read(1)).responses[0]).toMatchObject({ status: 200, complete: false })
    for (const connection of [used, admins]) expect((await connection.read(Infinity)).closed).toBe(true)
    deaf.close()
  })

  it('still takes away what is revoked', async () => {
    const target = await startSlowBackend()
    const { served, listener } = await serve(target, { delay: 0, deadline: 10_000 })
    const [early, late] = [await openRaw(listener), await openRaw(listener)]
    for (const connection of [early, late]) {
      await connection.send(get('/'))
      await connection.read(1)
    }
    const end = ended(served)
    await served.process.lines.first(({ event }) => event === 'draining')
    await early.send(get('/'))
    const statuses = async (connection: RawConnection): Promise<number[]> =>
      (await connection.read(3)).responses.map(({ status }) => status)
    expect(await statuses(early)).toEqual([200, 200])
    await served.controller.publish(resources(target, { rules: [] }))
    await late.send(get('/'))
    expect(await statuses(late)).toEqual([200, 403])
    expect((await end).status).toBe(0)
  })
})
