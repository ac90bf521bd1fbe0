import { closeCode, maxOpenCircuits, seal, snapshotOf } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import type { PushOptions } from '../../controller/src/push/server.ts'
import { controllerCredentials, createPushChannel } from '../support/pushChannel.ts'
import type { Reply } from '../support/scriptedDataplane.ts'
import { installation } from './follower.ts'
import { snapshotWith as snapshot, startPushServing, type PushServing } from './pushServing.ts'

const channel = await createPushChannel(installation)

const serve = (options: Partial<PushOptions> = {}): Promise<PushServing> => startPushServing(channel, options)

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
    expect(first).toMatchObject({
      installation: 'gatehouse-system/edge',
      term: 7,
      sequence: 1,
      base: null,
      complete: true,
    })
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

  it.each<[string, number, number]>([
    ['everything to one that holds nothing', -1, 9],
    ['everything to one that holds what is forgotten', 0, 9],
    ['the difference to one that holds what is remembered', 5, 3],
    ['an empty difference to one that holds the newest', 8, 0],
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
    await dataplane.updates.at(0)
    expect(dataplane.updates.all.map(({ set, sequence }) => [set.length, sequence])).toEqual([[count, 9]])
  })

  it('sends a slow one only what is newest when it is done', async () => {
    const { push, connect } = await serve()
    const dataplane = await connect({ reply: ({ sequence }) => (sequence === 1 ? 'silence' : { refused: [] }) })
    push.publish(snapshot('a'))
    const { revision } = await dataplane.updates.at(0)
    for (const name of ['b', 'c', 'd']) push.publish(snapshot(name))
    dataplane.send({ type: 'ack', revision, refused: [] })
    expect(await dataplane.updates.at(1)).toMatchObject({ sequence: 4, revision: snapshot('d').revision })
    push.publish(snapshot('e'))
    expect(await dataplane.updates.at(2)).toMatchObject({ sequence: 5, revision: snapshot('e').revision })
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

  it('takes which circuits are open, and an answer of the version before, which names none', async () => {
    const { push, connect, states } = await serve()
    const dataplane = await connect()
    push.publish(snapshot('a'))
    const { revision } = snapshot('a')
    expect(await states.first((state) => state.revision === revision)).toMatchObject({ openCircuits: [] })
    const open = { route: 'shop/orders', rule: 'all', upstream: 'shop/web:80' }
    dataplane.send({ type: 'ack', revision, refused: [], openCircuits: [open] })
    expect(await states.first(({ openCircuits }) => openCircuits.length > 0)).toMatchObject({ openCircuits: [open] })
    dataplane.send({ type: 'ack', revision, refused: [] })
    await states.first((state) => state.openCircuits.length === 0 && state === states.all.at(-1))
    const many = Array.from({ length: maxOpenCircuits + 1 }, () => open)
    dataplane.send({ type: 'ack', revision, refused: [], openCircuits: many })
    expect(await dataplane.closed).toBe(closeCode.protocolError)
  })

  it('takes why the store cannot be counted in, in a word that it knows', async () => {
    const { push, connect, states } = await serve()
    const dataplane = await connect({ reply: () => ({ refused: [], storeFault: 'denied' }) })
    push.publish(snapshot('a'))
    const { revision } = snapshot('a')
    expect(await states.first((state) => state.revision === revision)).toMatchObject({ storeFault: 'denied' })
    dataplane.send({ type: 'ack', revision, refused: [] })
    await states.first((state) => state.storeFault === null && state === states.all.at(-1))
    dataplane.send(JSON.stringify({ type: 'ack', revision, refused: [], storeFault: 'call this number' }))
    expect(await dataplane.closed).toBe(closeCode.protocolError)
  })

  it('forgets a nack when what the data plane serves is wanted again', async () => {
    const { push, connect, states } = await serve()
    const dataplane = await connect({
      reply: ({ sequence }) => (sequence === 2 ? { nack: 'BuildFailed' } : { refused: [] }),
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
    let received = 0
    const reply = (): Reply => (++received > 1 && received < 5 ? { nack: 'HashMismatch' } : { refused: [] })
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
      [true, 2],
      [true, 2],
      [true, 2],
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
    push.replaceCredentials(controllerCredentials(renewed))
    const after = await connect({ instance: 'dp-1' }, renewed)
    await expect(connect({ instance: 'dp-2' })).rejects.toThrow()
    await expect(connect({ instance: 'dp-2' }, { ...renewed, dataplane: channel.dataplane })).rejects.toThrow()
    push.publish(snapshot('a'))
    await Promise.all([before.updates.at(0), after.updates.at(0)])
  })
})
