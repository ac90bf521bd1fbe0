import { closeCode, type Hello } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import type { PushOptions } from '../../controller/src/push/server.ts'
import { createPushChannel } from '../support/pushChannel.ts'
import type { ScriptedDataplane } from '../support/scriptedDataplane.ts'
import { installation } from './follower.ts'
import { snapshotWith as snapshot, startPushServing, type PushServing } from './pushServing.ts'

const channel = await createPushChannel(installation)

const serve = (options: Partial<PushOptions> = {}): Promise<PushServing> => startPushServing(channel, options)

describe('the push server ends a session', () => {
  const someRevision = '0'.repeat(64)
  const hello = (over: object): string =>
    JSON.stringify({
      type: 'hello',
      instance: 'x',
      version: '',
      contract: { min: 1, max: 1 },
      revision: null,
      token: null,
      ...over,
    })

  it.each<[string, string | Buffer, number]>([
    ['text that is no JSON', '{"type":', closeCode.protocolError],
    ['a message of no known type', '{"type":"update"}', closeCode.protocolError],
    ['an unknown field', hello({ term: 1 }), closeCode.protocolError],
    ['a hello without an instance', hello({ instance: '' }), closeCode.protocolError],
    ['a hello without a word about a token', hello({ token: undefined }), closeCode.protocolError],
    ['a token that is too long', hello({ token: 'x'.repeat(16_385) }), closeCode.protocolError],
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

  it('after an ack that refuses what has no name, which no status could say', async () => {
    const { push, connect } = await serve()
    push.publish(snapshot('a'))
    const dataplane = await connect({ reply: () => 'silence' })
    const { revision } = await dataplane.updates.at(0)
    dataplane.send({ type: 'ack', revision, refused: [{ resource: '', field: '', reason: 'InvalidValue' }] })
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

  it('beyond those that it has room for, and none of those', async () => {
    const { push, connect } = await serve({ maxConnections: 1 })
    const dataplane = await connect()
    await expect(connect({ instance: 'dp-1' })).rejects.toMatchObject({ code: 'ECONNRESET' })
    push.publish(snapshot('a'))
    expect(await dataplane.updates.at(0)).toMatchObject({ sequence: 1 })
  })

  it('that answers no ping', async () => {
    const { connect } = await serve({ pingInterval: 20 })
    const listening = await connect({ instance: 'dp-1' })
    const deaf = await connect({ deaf: true })
    expect(await deaf.closed).toBe(1006)
    await listening.close()
    expect(await listening.closed).toBe(1005)
  })

  it('that answers pings but no update', async () => {
    const { push, connect } = await serve({ pingInterval: 10, answerTimeout: 50 })
    const mute = await connect({ reply: () => 'silence' })
    push.publish(snapshot('a'))
    expect(await mute.closed).toBe(closeCode.slowClient)
  })

  it('when it closes', async () => {
    const { push, connect } = await serve()
    const dataplane = await connect()
    await push.close()
    expect(await dataplane.closed).toBe(closeCode.shuttingDown)
  })
})
