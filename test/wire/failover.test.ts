import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seal, snapshotOf, type Resource, type SealedResource } from '@gatehouse/contract'
import { describe, expect, it, onTestFinished } from 'vitest'
import { changes } from '../support/changes.ts'
import { startTestController, type TestController, type TestControllerOptions } from '../support/controller.ts'
import { controllerCredentials, createPushChannel } from '../support/pushChannel.ts'
import { startScriptedController } from '../support/scriptedController.ts'
import { cuttableWay } from '../support/cuttable.ts'
import { createSigningKeys, fullUpdate } from '../support/signing.ts'
import { installation, startFollower, type Follower, type FollowerOptions } from './follower.ts'

const channel = await createPushChannel(installation)

const endpoints = (name: string): Resource => ({ kind: 'endpoints', name: `shop/${name}:80`, spec: { addresses: [] } })
const [a, b, c] = [[seal(endpoints('a'))], [seal(endpoints('b'))], [seal(endpoints('c'))]]
const revision = (resources: readonly SealedResource[]): string => snapshotOf(resources).revision

async function tokenFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-token-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

interface Led extends TestController {
  lead(term: number | null): void
}

async function controller(term: number | null, options: TestControllerOptions = {}): Promise<Led> {
  let now = term
  const started = await startTestController(channel, { authority: { term: () => now }, ...options })
  onTestFinished(started.close)
  return {
    ...started,
    lead: (next) => {
      now = next
      started.push.authorityChanged()
    },
  }
}

async function follow(addresses: readonly string[], options: Partial<FollowerOptions> = {}): Promise<Follower> {
  const { authority, dataplane, signing } = channel
  const given = { addresses, ca: authority.certificate, leaf: dataplane, signing, ...options }
  const follower = await startFollower(given)
  onTestFinished(follower.close)
  return follower
}

/** A server that takes connections and says nothing. */
async function startSilentServer() {
  const connections = changes<number>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume()
    connections.add(socket.remotePort ?? 0)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    await once(server, 'close')
  })
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections }
}

describe('a data plane', () => {
  it('goes from one that does not lead to the next at once', async () => {
    const [idle, leader] = [await controller(null), await controller(5)]
    leader.push.publish(snapshotOf(a))
    const { events, applied } = await follow([idle.address, leader.address], { backoff: { min: 60_000, max: 60_000 } })
    await applied.first()
    expect(events.all.slice(0, 2)).toEqual([
      { type: 'connected', address: idle.address },
      { type: 'not-leader', address: idle.address },
    ])
  })

  it('comes back soon to one that answers, because an election is short', async () => {
    const only = await controller(null)
    const { events, applied } = await follow([only.address], { backoff: { min: 60_000, max: 60_000 } })
    await events.first(({ type }) => type === 'not-leader')
    only.lead(5)
    only.push.publish(snapshotOf(a))
    await applied.first()
  })

  it('does not wait for one that does not answer while another does, but looks for it again', async () => {
    const silent = await startSilentServer()
    const idle = await controller(null)
    const { events } = await follow([silent.address, idle.address], { openTimeout: 200 })
    const rounds = () => events.all.filter(({ type }) => type === 'not-leader').length
    await silent.connections.at(1)
    expect(rounds()).toBe(8)
    await silent.connections.at(2)
    expect(rounds()).toBe(16)
  })

  it('tries one that does not answer without end, where there is no other', async () => {
    const silent = await startSilentServer()
    await follow([silent.address], { openTimeout: 40, backoff: { min: 300, max: 300 } })
    await silent.connections.at(1, 1_000)
  })

  it('goes to the others when its leader falls silent, and leaves that one alone', async () => {
    const [leader, next] = [await controller(5), await controller(null)]
    leader.push.publish(snapshotOf(a))
    const way = await cuttableWay(Number(leader.address.split(':').at(-1)))
    onTestFinished(way.close)
    const address = `127.0.0.1:${way.port}`
    const { events, applied } = await follow([address, next.address], { pingInterval: 100, openTimeout: 200 })
    await applied.first()
    way.cut()
    await events.first((event) => event.type === 'disconnected' && event.address === address)
    next.lead(6)
    next.push.publish(snapshotOf(b))
    await applied.first((snapshot) => snapshot.revision === revision(b))
    expect(events.all.filter((event) => event.type === 'disconnected')).toHaveLength(1)
  })

  it('follows the lead from one to another, and holds nobody to what the one before sent', async () => {
    const [first, second] = [await controller(5), await controller(null)]
    first.push.publish(snapshotOf(a))
    second.push.publish(snapshotOf(a))
    const { applied, events } = await follow([first.address, second.address])
    await applied.first()
    second.lead(6)
    second.push.publish(snapshotOf(b))
    first.lead(null)
    await applied.first((snapshot) => snapshot.revision === revision(b))
    expect(events.all).toContainEqual({ type: 'not-leader', address: first.address })
    const taken = await second.states.first((state) => state.revision === revision(b))
    expect(taken.nack).toBeNull()
  })

  it('refuses a leader that wakes in a term that is over, leaves it, and finds the one that leads', async () => {
    const [old, leader] = [await controller(5), await controller(null)]
    old.push.publish(snapshotOf(a))
    const { applied, events } = await follow([old.address, leader.address])
    await applied.first()
    leader.lead(6)
    leader.push.publish(snapshotOf(b))
    old.lead(null)
    await applied.first((snapshot) => snapshot.revision === revision(b))
    // It sleeps through the change, wakes, and still believes that it leads; the new one is away for a moment.
    old.lead(5)
    old.push.publish(snapshotOf(c))
    leader.lead(null)
    await events.first((event) => event.type === 'nacked' && event.reason === 'StaleTerm')
    leader.lead(7)
    leader.push.publish(snapshotOf(b))
    await leader.states.first(() => leader.push.sessions()[0]?.revision === revision(b))
    expect(applied.all.map((snapshot) => snapshot.revision)).not.toContain(revision(c))
  })

  it('finds every address of a name', async () => {
    const leader = await controller(5)
    leader.push.publish(snapshotOf(a))
    const port = leader.address.split(':').at(-1)
    const asked: string[] = []
    const resolve = (host: string): Promise<readonly string[]> => {
      asked.push(host)
      return Promise.resolve(asked.length === 1 ? ['127.0.0.2'] : ['127.0.0.2', '127.0.0.1'])
    }
    const { applied, events } = await follow([`edge-controller:${port}`], { resolve })
    await applied.first()
    expect(asked).toEqual(['edge-controller', 'edge-controller'])
    expect(events.all[0]).toEqual({ type: 'disconnected', address: `127.0.0.2:${port}`, code: 'ECONNREFUSED' })
  })

  it('says that a name has no address, and asks again', async () => {
    const failing = (): Promise<never> => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
    const { events } = await follow(['edge-controller:9443'], { resolve: failing })
    const line = { type: 'disconnected', address: 'edge-controller:9443', code: 'ENOTFOUND' }
    expect([await events.at(0), await events.at(1)]).toEqual([line, line])
  })

  it('shows its token, read anew for every connection', async () => {
    const server = await startScriptedController(channel.authority.certificate, channel.controller)
    onTestFinished(server.close)
    const tokenFile = join(await tokenFolder(), 'token')
    await writeFile(tokenFile, 'first\n')
    await follow([server.address], { tokenFile })
    const session = await server.sessions.first()
    expect(await session.received.at(0)).toMatchObject({ token: 'first' })
    await writeFile(tokenFile, 'second')
    session.socket.terminate()
    expect(await (await server.sessions.at(1)).received.at(0)).toMatchObject({ token: 'second' })
  })

  it('does not dial without the token that it should show', async () => {
    const { events } = await follow(['127.0.0.1:1'], { tokenFile: '/nonexistent/token' })
    expect(await events.first()).toEqual({ type: 'no-credentials', code: 'ENOENT' })
  })
})

describe('signing keys', () => {
  it('change from the current to the next, and again, without a lost session', async () => {
    const leader = await controller(5)
    const [next, third] = [createSigningKeys(), createSigningKeys()]
    const { events, folder, applied } = await follow([leader.address])
    await leader.publish(a)
    const sign = (signing: typeof next): void =>
      leader.push.replaceCredentials(controllerCredentials({ ...channel, signing }))
    await folder.write('signing.pub', channel.signing.publicKey + next.publicKey)
    sign(next)
    await leader.publish(b)
    await folder.write('signing.pub', next.publicKey + third.publicKey)
    sign(third)
    await leader.publish(c)
    expect(applied.all.map((snapshot) => snapshot.revision).at(-1)).toBe(revision(c))
    expect(events.all.filter(({ type }) => ['nacked', 'disconnected'].includes(type))).toEqual([])
  })

  it('that a data plane does not know are refused, until it does', async () => {
    const server = await startScriptedController(channel.authority.certificate, channel.controller)
    onTestFinished(server.close)
    const { folder, applied } = await follow([server.address])
    const session = await server.sessions.first()
    const stranger = createSigningKeys()
    session.send(JSON.stringify(fullUpdate(stranger, a)))
    expect(await session.received.at(1)).toMatchObject({ type: 'nack', reason: 'BadSignature' })
    expect(applied.all).toEqual([])
    await folder.write('signing.pub', stranger.publicKey)
    session.send(JSON.stringify(fullUpdate(stranger, a)))
    expect(await session.received.at(2)).toMatchObject({ type: 'ack' })
  })

  it('do not make one installation speak for another', async () => {
    const server = await startScriptedController(channel.authority.certificate, channel.controller)
    onTestFinished(server.close)
    await follow([server.address])
    const session = await server.sessions.first()
    session.send(JSON.stringify(fullUpdate(channel.signing, a, { installation: 'gatehouse-system/other' })))
    expect(await session.received.at(1)).toMatchObject({ type: 'nack', reason: 'WrongInstallation' })
  })
})
