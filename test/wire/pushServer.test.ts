import { closeCode, seal, snapshotOf, type Hello, type Resource, type Snapshot } from '@gatehouse/contract'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PushServer } from '../../controller/src/push/server.ts'
import type { SessionState } from '../../controller/src/push/sessions.ts'
import { changes, type Changes } from '../support/changes.ts'
import { createPushChannel, type PushChannel } from '../support/pushChannel.ts'
import {
  connectScripted,
  type Reply,
  type ScriptedDataplane,
  type ScriptedDataplaneOptions,
} from '../support/scriptedDataplane.ts'
import { installation } from './follower.ts'

const cleanups: (() => Promise<unknown>)[] = []
let channel: PushChannel
beforeAll(async () => {
  channel = await createPushChannel(installation)
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Serving {
  readonly push: PushServer
  /** Every state that any session has been in, in order. */
  readonly states: Changes<SessionState>
  /** Revisions that were too large to be sent. */
  readonly oversize: Changes<string>
  connect(options?: Partial<ScriptedDataplaneOptions>, from?: PushChannel): Promise<ScriptedDataplane>
}

const credentialsOf = ({ authority, controller }: PushChannel) => ({ ca: authority.certificate, ...controller })

async function serve(pingInterval = 60_000, answerTimeout = 60_000): Promise<Serving> {
  const states = changes<SessionState>()
  const oversize = changes<string>()
  const push: PushServer = await PushServer.listen({
    installation,
    address: '127.0.0.1',
    port: 0,
    credentials: credentialsOf(channel),
    pingInterval,
    answerTimeout,
    resendDelay: 20,
    oversize: (revision) => oversize.add(revision),
    changed: () => {
      for (const state of push.sessions()) if (states.all.at(-1) !== state) states.add(state)
    },
  })
  cleanups.push(() => push.close())
  return {
    push,
    states,
    oversize,
    connect: (options = {}, from = channel) => connectScripted(from, { port: push.port, ...options }),
  }
}

const resource = (name: string, address = '10.0.0.1'): Resource => ({
  kind: 'endpoints',
  name: `shop/${name}:80`,
  spec: { addresses: [{ address, port: 80 }] },
})
const snapshot = (...names: readonly string[]): Snapshot => snapshotOf(names.map((name) => seal(resource(name))))
const keysOf = (one: { readonly set: readonly { readonly name: string }[] }): readonly string[] =>
  one.set.map(({ name }) => name)

describe('the push server', () => {
  it('sends nothing before there is a snapshot, then everything, then differences', async () => {
    const { push, connect, states } = await serve()
    const dataplane = await connect()
    await states.first(({ instance }) => instance === 'dp-0')
    expect(dataplane.updates.all).toEqual([])
    push.publish(snapshot('a', 'b'))
    const first = await dataplane.updates.at(0)
    expect(first).toMatchObject({ installation: 'gatehouse-system/edge', sequence: 1, base: null, complete: true })
    expect(keysOf(first)).toEqual(['shop/a:80', 'shop/b:80'])
    push.publish(snapshot('a', 'c'))
    const second = await dataplane.updates.at(1)
    expect(second).toMatchObject({ sequence: 2, base: first.revision, removed: ['endpoints/shop/b:80'] })
    expect(keysOf(second)).toEqual(['shop/c:80'])
  })

  it('sends nothing when nothing has changed', async () => {
    const { push, connect, states } = await serve()
    push.publish(snapshot('a'))
    const dataplane = await connect()
    await states.first(({ revision }) => revision === snapshot('a').revision)
    push.publish(snapshot('a'))
    push.publish(snapshot('b'))
    expect(await dataplane.updates.at(1)).toMatchObject({ sequence: 2, revision: snapshot('b').revision })
  })

  it.each<[string, number, number | null]>([
    ['everything to one that holds nothing', -1, 9],
    ['everything to one that holds what is forgotten', 0, 9],
    ['the difference to one that holds what is remembered', 5, 3],
    ['nothing to one that holds the newest', 8, null],
  ])('sends %s', async (_, held, count) => {
    const { push, connect, states } = await serve()
    const names = 'abcdefghi'.split('')
    const revisions = names.map((_name, index) => {
      const next = snapshot(...names.slice(0, index + 1))
      push.publish(next)
      return next.revision
    })
    const dataplane = await connect({ hello: { revision: revisions[held] ?? null } })
    const newest = await states.first(({ revision }) => revision === revisions.at(-1))
    expect(newest).toMatchObject({ instance: 'dp-0', version: '0.0.0-test', nack: null })
    expect(dataplane.updates.all.map(({ set }) => set.length)).toEqual(count === null ? [] : [count])
  })

  it('sends a slow one only what is newest when it is done', async () => {
    const { push, connect } = await serve()
    const dataplane = await connect({ reply: ({ sequence }) => (sequence === 1 ? 'silence' : { refused: [] }) })
    push.publish(snapshot('a'))
    const { revision } = await dataplane.updates.at(0)
    for (const name of ['b', 'c', 'd']) push.publish(snapshot(name))
    dataplane.send({ type: 'ack', revision, refused: [] })
    expect(await dataplane.updates.at(1)).toMatchObject({ sequence: 2, revision: snapshot('d').revision })
    push.publish(snapshot('e'))
    expect(await dataplane.updates.at(2)).toMatchObject({ sequence: 3, revision: snapshot('e').revision })
  })

  it('takes what an answer says when it is given again, also while the next update is on its way', async () => {
    const { push, connect, states } = await serve()
    const busy = { resource: 'listener/busy', field: '/port', reason: 'BuildFailed' } as const
    const dataplane = await connect({ reply: ({ sequence }) => (sequence === 1 ? { refused: [busy] } : 'silence') })
    push.publish(snapshot('a'))
    const { revision } = await states.first(({ refused }) => refused.length === 1)
    dataplane.send({ type: 'ack', revision: snapshot('a').revision, refused: [] })
    const before = states.all.length
    expect(await states.at(before)).toMatchObject({ revision, refused: [] })
    push.publish(snapshot('b'))
    await dataplane.updates.at(1)
    dataplane.send({ type: 'ack', revision: snapshot('a').revision, refused: [busy] })
    expect(await states.at(before + 1)).toMatchObject({ revision, refused: [busy] })
    dataplane.send({ type: 'ack', revision: snapshot('b').revision, refused: [] })
    expect(await states.at(before + 2)).toMatchObject({ revision: snapshot('b').revision, refused: [] })
    dataplane.send({ type: 'ack', revision: snapshot('a').revision, refused: [] })
    expect(await dataplane.closed).toBe(closeCode.protocolError)
  })

  it('forgets a nack when what the data plane serves is wanted again', async () => {
    const { push, connect, states } = await serve()
    const dataplane = await connect({
      reply: ({ sequence }) => (sequence > 1 ? { nack: 'BuildFailed' } : { refused: [] }),
    })
    push.publish(snapshot('a'))
    await states.first(({ revision }) => revision === snapshot('a').revision)
    push.publish(snapshot('b'))
    await states.first(({ nack }) => nack !== null)
    push.publish(snapshot('a'))
    const refused = states.all.findIndex(({ nack }) => nack !== null)
    await states.first((state) => state.nack === null && states.all.indexOf(state) > refused)
    expect(push.sessions()).toMatchObject([{ revision: snapshot('a').revision, nack: null }])
    expect(dataplane.updates.all.length).toBeLessThan(5)
  })

  it('sends everything again after a nack, and keeps its reason until something is taken', async () => {
    const { push, connect, states } = await serve()
    const reply = ({ sequence }: { readonly sequence: number }): Reply =>
      sequence > 1 && sequence < 5 ? { nack: 'HashMismatch' } : { refused: [] }
    const dataplane = await connect({ reply })
    push.publish(snapshot('a', 'b'))
    await dataplane.updates.at(0)
    push.publish(snapshot('a', 'c'))
    const { revision } = snapshot('a', 'c')
    await states.first(({ nack }) => nack !== null)
    const taken = await states.first((state) => state.revision === revision)
    expect(dataplane.updates.all.map(({ base, sequence }) => [base === null, sequence])).toEqual([
      [true, 1],
      [false, 2],
      [true, 3],
      [true, 4],
      [true, 5],
    ])
    const nacked = states.all.filter(({ nack }) => nack !== null)
    expect(nacked.map(({ nack }) => nack)).toEqual([1, 2, 3].map(() => ({ revision, reason: 'HashMismatch' })))
    expect(nacked.map((state) => state.revision)).toEqual([1, 2, 3].map(() => snapshot('a', 'b').revision))
    expect(taken.nack).toBeNull()
  })

  it('keeps what is refused of a revision', async () => {
    const { push, connect, states } = await serve()
    const refused = [{ resource: 'endpoints/shop/a:80', field: '', reason: 'UnknownField' as const }]
    await connect({ reply: ({ sequence }) => ({ refused: sequence === 1 ? refused : [] }) })
    push.publish(snapshot('a'))
    expect(await states.first(({ revision }) => revision === snapshot('a').revision)).toMatchObject({ refused })
    push.publish(snapshot('b'))
    expect(await states.first(({ revision }) => revision === snapshot('b').revision)).toMatchObject({ refused: [] })
  })

  it('takes a data plane that comes again for the one that it was', async () => {
    const { push, connect } = await serve()
    const [old, other] = [await connect(), await connect({ instance: 'dp-1' })]
    const fresh = await connect()
    expect(await old.closed).toBe(1006)
    expect(push.sessions().map(({ instance }) => instance)).toEqual(['dp-1', 'dp-0'])
    push.publish(snapshot('a'))
    await Promise.all([fresh.updates.at(0), other.updates.at(0)])
  })
})

describe('the push server ends a session', () => {
  const someRevision = '0'.repeat(64)
  const hello = (over: object): string =>
    JSON.stringify({ type: 'hello', instance: 'x', version: '', contract: { min: 1, max: 1 }, revision: null, ...over })

  it.each<[string, string | Buffer, number]>([
    ['text that is no JSON', '{"type":', closeCode.protocolError],
    ['a message of no known type', '{"type":"update"}', closeCode.protocolError],
    ['an unknown field', hello({ term: 1 }), closeCode.protocolError],
    ['a hello without an instance', hello({ instance: '' }), closeCode.protocolError],
    ['a revision that is none', hello({ revision: 'latest' }), closeCode.protocolError],
    ['a binary frame', Buffer.from(hello({})), closeCode.protocolError],
    [
      'an ack before hello',
      JSON.stringify({ type: 'ack', revision: someRevision, refused: [] }),
      closeCode.protocolError,
    ],
    [
      'a nack before hello',
      JSON.stringify({ type: 'nack', revision: null, reason: 'Malformed' }),
      closeCode.protocolError,
    ],
    ['only later contracts', hello({ contract: { min: 2, max: 3 } }), closeCode.unsupportedContract],
    ['a message that is too long', ' '.repeat(4 * 1024 * 1024 + 1), 1009],
  ])('after %s', async (_, frame, code) => {
    const { push, connect } = await serve()
    push.publish(snapshot('a'))
    const dataplane = await connect({ hello: null })
    dataplane.send(frame)
    expect(await dataplane.closed).toBe(code)
    expect(dataplane.updates.all).toEqual([])
    expect(push.sessions()).toEqual([])
  })

  it.each<[string, (dataplane: ScriptedDataplane, hello: Hello) => void]>([
    ['a second hello', (dataplane, again) => dataplane.send(again)],
    [
      'an ack that nothing asked for',
      (dataplane) => dataplane.send({ type: 'ack', revision: someRevision, refused: [] }),
    ],
  ])('after %s', async (_, act) => {
    const { push, connect, states } = await serve()
    push.publish(snapshot('a'))
    const dataplane = await connect()
    await states.first(({ revision }) => revision !== null)
    act(dataplane, JSON.parse(hello({})) as Hello)
    expect(await dataplane.closed).toBe(closeCode.protocolError)
  })

  it('after an ack of another revision than the one that was sent', async () => {
    const { push, connect } = await serve()
    push.publish(snapshot('a'))
    const dataplane = await connect({ reply: () => 'silence' })
    await dataplane.updates.at(0)
    dataplane.send({ type: 'ack', revision: someRevision, refused: [] })
    expect(await dataplane.closed).toBe(closeCode.protocolError)
  })

  it('that answers no ping', async () => {
    const { connect } = await serve(20)
    const listening = await connect({ instance: 'dp-1' })
    const deaf = await connect({ deaf: true })
    expect(await deaf.closed).toBe(1006)
    await listening.close()
    expect(await listening.closed).toBe(1005)
  })

  it('that answers pings but no update', async () => {
    const { push, connect } = await serve(10, 50)
    const mute = await connect({ reply: () => 'silence' })
    push.publish(snapshot('a'))
    expect(await mute.closed).toBe(closeCode.slowClient)
  })

  it('when it closes', async () => {
    const { push, connect } = await serve()
    const dataplane = await connect()
    cleanups.length = 0
    await push.close()
    expect(await dataplane.closed).toBe(closeCode.shuttingDown)
  })
})

describe('a revision that is larger than a data plane takes', () => {
  it('is not sent and ends nothing; the next one that fits is', async () => {
    const { push, connect, oversize } = await serve()
    const dataplane = await connect()
    push.publish(snapshot('a'))
    await dataplane.updates.at(0)
    const anchor = 'x'.repeat(16_384)
    const large = Array.from({ length: 270 }, (_, index) =>
      seal({ kind: 'trust', name: `shop/large-${index}`, spec: { anchors: Array<string>(64).fill(anchor) } }),
    )
    const tooLarge = snapshotOf(large)
    push.publish(tooLarge)
    expect(await oversize.at(0)).toBe(tooLarge.revision)
    push.publish(snapshot('b'))
    expect(keysOf(await dataplane.updates.at(1))).toEqual(['shop/b:80'])
  })
})

describe('renewed credentials', () => {
  it('are used for new connections, and leave open sessions alone', async () => {
    const { push, connect } = await serve()
    const before = await connect()
    const renewed = await createPushChannel(installation)
    push.replaceCredentials(credentialsOf(renewed))
    const after = await connect({ instance: 'dp-1' }, renewed)
    await expect(connect({ instance: 'dp-2' })).rejects.toThrow()
    await expect(connect({ instance: 'dp-2' }, { ...renewed, dataplane: channel.dataplane })).rejects.toThrow()
    push.publish(snapshot('a'))
    await Promise.all([before.updates.at(0), after.updates.at(0)])
  })
})
