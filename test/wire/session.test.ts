import { describe, expect, it, onTestFinished } from 'vitest'
import { closeCode, revisionOf, seal, type Resource } from '@gatehouse/contract'
import { createPushChannel } from '../support/pushChannel.ts'
import { startScriptedController, type ScriptedController } from '../support/scriptedController.ts'
import { fullUpdate } from '../support/signing.ts'
import { installation, startFollower, type Follower, type FollowerOptions } from './follower.ts'

const channel = await createPushChannel(installation)

async function joined(
  options: Partial<FollowerOptions> = {},
): Promise<{ server: ScriptedController; follower: Follower }> {
  const { authority, controller, dataplane, signing } = channel
  const server = await startScriptedController(authority.certificate, controller)
  const given = { addresses: [server.address], ca: authority.certificate, leaf: dataplane, signing, ...options }
  const follower = await startFollower(given)
  onTestFinished(server.close)
  onTestFinished(follower.close)
  return { server, follower }
}

const endpoints = (name: string): Resource => ({ kind: 'endpoints', name: `shop/${name}:80`, spec: { addresses: [] } })
const a = seal(endpoints('a'))
const b = seal(endpoints('b'))
const frame = (resources = [a], sequence = 1): string =>
  JSON.stringify(fullUpdate(channel.signing, resources, { sequence }))

describe('a session of the push channel', () => {
  it('answers torn text with a nack and goes on', async () => {
    const { server, follower } = await joined()
    const session = await server.sessions.first()
    session.send(frame().slice(0, -20))
    expect(await session.received.at(1)).toEqual({ type: 'nack', revision: null, reason: 'Malformed' })
    session.send(frame([a], 2))
    expect(await session.received.at(2)).toMatchObject({ type: 'ack', revision: revisionOf([a]) })
    expect(follower.applied.all).toHaveLength(1)
  })

  it('ends when the controller sends a binary frame', async () => {
    const { server, follower } = await joined()
    const session = await server.sessions.first()
    session.send(Buffer.from(frame()))
    const end = await follower.events.first((event) => event.type === 'disconnected')
    expect(end).toMatchObject({ code: `CLOSED_${closeCode.protocolError}` })
    expect(follower.applied.all).toEqual([])
  })

  it('nacks a snapshot that cannot be built, and still holds the one before', async () => {
    const refusing = (revision: string) => revision === revisionOf([b])
    const { server } = await joined({
      apply: ({ revision }) => (refusing(revision) ? Promise.reject(new Error('secret')) : Promise.resolve([])),
    })
    const session = await server.sessions.first()
    session.send(frame([a], 1))
    session.send(frame([b], 2))
    expect(await session.received.at(2)).toEqual({ type: 'nack', revision: revisionOf([b]), reason: 'BuildFailed' })
    session.socket.terminate()
    const next = await server.sessions.at(1)
    expect(await next.received.at(0)).toMatchObject({ type: 'hello', revision: revisionOf([a]) })
  })

  it('applies one update at a time, in order', async () => {
    let running = 0
    let most = 0
    const { server, follower } = await joined({
      apply: async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        return []
      },
    })
    const session = await server.sessions.first()
    for (let sequence = 1; sequence <= 20; sequence++) session.send(frame(sequence % 2 === 0 ? [a] : [b], sequence))
    await session.received.at(20)
    expect(most).toBe(1)
    expect(follower.applied.all.map((snapshot) => snapshot.revision)).toEqual(
      Array.from({ length: 20 }, (_, index) => revisionOf(index % 2 === 0 ? [b] : [a])),
    )
  })

  it('refuses what was published earlier, and takes the same again and the next', async () => {
    const { server, follower } = await joined()
    const session = await server.sessions.first()
    session.send(frame([a], 5))
    session.send(frame([a], 5))
    expect(await session.received.at(2)).toMatchObject({ type: 'ack', revision: revisionOf([a]) })
    session.send(frame([b], 4))
    expect(await session.received.at(3)).toMatchObject({ type: 'nack', reason: 'StaleSequence' })
    session.send(frame([b], 5))
    expect(await session.received.at(4)).toMatchObject({ type: 'nack', reason: 'RevisionConflict' })
    session.send(frame([b], 9))
    expect(await session.received.at(5)).toMatchObject({ type: 'ack', revision: revisionOf([b]) })
    expect(follower.applied.all.map(({ revision }) => revision)).toEqual([[a], [a], [b]].map(revisionOf))
  })

  it('remembers what the leader signed also when its content was changed on the way', async () => {
    const { server } = await joined()
    const session = await server.sessions.first()
    const torn = { ...fullUpdate(channel.signing, [a], { sequence: 5 }), set: [] }
    session.send(JSON.stringify(torn))
    expect(await session.received.at(1)).toMatchObject({ type: 'nack', reason: 'RevisionMismatch' })
    session.send(frame([b], 4))
    expect(await session.received.at(2)).toMatchObject({ type: 'nack', reason: 'StaleSequence' })
  })

  it('remembers in a new session what was published in the one before', async () => {
    const { server } = await joined()
    const first = await server.sessions.first()
    first.send(frame([a], 1))
    first.send(frame([b], 2))
    await first.received.at(2)
    first.socket.terminate()
    const second = await server.sessions.at(1)
    await second.received.at(0)
    second.send(frame([a], 1))
    expect(await second.received.at(1)).toMatchObject({ type: 'nack', reason: 'StaleSequence' })
  })

  it('dials again when the controller falls silent', async () => {
    const { server, follower } = await joined({ pingInterval: 20 })
    const session = await server.sessions.first()
    session.socket.pause()
    expect(await follower.events.first((event) => event.type === 'disconnected')).toMatchObject({ code: 'CLOSED_1006' })
    await server.sessions.at(1)
  })

  it('can be ended although the controller has fallen silent', async () => {
    const { server, follower } = await joined()
    const session = await server.sessions.first()
    await session.received.at(0)
    session.socket.pause()
    const began = performance.now()
    await follower.close()
    expect(performance.now() - began).toBeLessThan(3000)
  })

  it('ends, and the next begins, when the data plane itself fails over an update', async () => {
    let failures = 0
    const { server, follower } = await joined({
      observe: ({ type }) => {
        if (type === 'applied' && failures++ === 0) throw new Error('secret')
      },
    })
    const first = await server.sessions.first()
    first.send(frame())
    expect(await follower.events.first((event) => event.type === 'disconnected')).toMatchObject({ code: 'FAILED' })
    const next = await server.sessions.at(1)
    next.send(frame())
    expect(await next.received.at(1)).toMatchObject({ type: 'ack', revision: revisionOf([a]) })
  })

  it('that lasted was no failure, also without an update: the next begins soon', async () => {
    const { server, follower } = await joined({ pingInterval: 5, backoff: { min: 20, max: 60_000 } })
    let waited = 0
    for (let count = 0; count < 8; count++) {
      const session = await server.sessions.at(count)
      for (let ping = 0; ping < 2; ping++) await new Promise((resolve) => session.socket.once('ping', resolve))
      session.socket.terminate()
      const ended = performance.now()
      await server.sessions.at(count + 1)
      waited = performance.now() - ended
    }
    expect(waited).toBeLessThan(1000)
    expect(follower.applied.all).toEqual([])
  })

  it('reports what could not be built', async () => {
    const refused = [{ resource: 'route/shop/orders', field: '/rules', reason: 'UnknownField' as const }]
    const { server } = await joined({ apply: () => Promise.resolve(refused) })
    const session = await server.sessions.first()
    session.send(frame())
    expect(await session.received.at(1)).toEqual({ type: 'ack', revision: revisionOf([a]), refused })
  })
})
