import { closeCode, seal, snapshotOf } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import type { PushOptions } from '../../controller/src/push/server.ts'
import { isSignedBy, signingKeysIn } from '../../dataplane/src/sync/signature.ts'
import { changes } from '../support/changes.ts'
import { controllerCredentials, createPushChannel } from '../support/pushChannel.ts'
import { installationResource } from '../support/resources.ts'
import { createSigningKeys } from '../support/signing.ts'
import { installation } from './follower.ts'
import { snapshotWith as snapshot, startPushServing, type PushServing } from './pushServing.ts'

const channel = await createPushChannel(installation)

async function serve(term: number | null, options: Partial<PushOptions> = {}): Promise<PushServing> {
  const serving = await startPushServing(channel, options)
  serving.lead(term)
  return serving
}

describe('a controller that does not lead', () => {
  it('takes no session and says why', async () => {
    const { push, connect } = await serve(null)
    expect(push.publish(snapshot('a'))).toBe(false)
    const dataplane = await connect({ hello: null })
    expect(await dataplane.closed).toBe(closeCode.notLeader)
    expect(dataplane.updates.all).toEqual([])
  })

  it('ends the sessions that it has when it is told', async () => {
    const { push, connect, lead, states } = await serve(3)
    push.publish(snapshot('a'))
    const dataplane = await connect()
    await states.first(({ revision }) => revision !== null)
    push.authorityChanged()
    lead(null)
    push.authorityChanged()
    expect(await dataplane.closed).toBe(closeCode.notLeader)
    expect(push.sessions()).toEqual([])
  })

  it('sends nothing more, also when nobody told it', async () => {
    const { push, connect, lead } = await serve(3)
    push.publish(snapshot('a'))
    const dataplane = await connect()
    await dataplane.updates.at(0)
    lead(null)
    expect(push.publish(snapshot('b'))).toBe(false)
    push.publish(snapshot('c'))
    const late = await connect({ instance: 'dp-1', hello: null })
    expect(await late.closed).toBe(closeCode.notLeader)
    expect(dataplane.updates.all).toHaveLength(1)
  })

  it('ends a session with the next answer, also when nobody told it', async () => {
    const { push, connect, lead } = await serve(3)
    const dataplane = await connect({ reply: () => 'silence' })
    push.publish(snapshot('a'))
    const { revision } = await dataplane.updates.at(0)
    lead(null)
    dataplane.send({ type: 'ack', revision, refused: [] })
    expect(await dataplane.closed).toBe(closeCode.notLeader)
  })

  it('ends its sessions by itself with the next ping', async () => {
    const { push, connect, lead, states } = await serve(3, { pingInterval: 10 })
    push.publish(snapshot('a'))
    const dataplane = await connect()
    await states.first(({ revision }) => revision !== null)
    lead(null)
    expect(await dataplane.closed).toBe(closeCode.notLeader)
  })
})

describe('a new leader', () => {
  it('sends nothing before it publishes in its own term, and then differences to what it knew', async () => {
    const { push, connect, lead, states } = await serve(null)
    push.publish(snapshot('a'))
    push.publish(snapshot('a', 'b'))
    lead(4)
    const dataplane = await connect({ hello: { revision: snapshot('a').revision } })
    await states.first()
    expect(dataplane.updates.all).toEqual([])
    expect(push.publish(snapshot('a', 'b'))).toBe(true)
    const update = await dataplane.updates.at(0)
    expect(update).toMatchObject({ term: 4, sequence: 1, base: snapshot('a').revision })
    expect(update.set).toHaveLength(1)
    expect(push.publish(snapshot('a', 'b'))).toBe(false)
  })

  it('counts its publications once for all sessions, and goes on counting when it leads again in the same term', async () => {
    const { push, connect, lead } = await serve(4)
    push.publish(snapshot('a'))
    const first = await connect()
    await first.updates.at(0)
    push.publish(snapshot('b'))
    await first.updates.at(1)
    const second = await connect({ instance: 'dp-1' })
    expect(await second.updates.at(0)).toMatchObject({ term: 4, sequence: 2 })
    lead(null)
    push.publish(snapshot('c'))
    lead(4)
    push.publish(snapshot('c'))
    const third = await connect({ instance: 'dp-2' })
    expect(await third.updates.at(0)).toMatchObject({ term: 4, sequence: 3 })
    lead(6)
    push.publish(snapshot('c'))
    expect(await third.updates.at(1)).toMatchObject({ term: 6, sequence: 1, set: [], removed: [] })
  })
})

describe('what is published', () => {
  it('is signed, for a session that holds the newest as well', async () => {
    const { push, connect } = await serve(4, { now: () => 1234 })
    push.publish(snapshot('a'))
    const dataplane = await connect({ hello: { revision: snapshot('a').revision } })
    const update = await dataplane.updates.at(0)
    expect(update).toMatchObject({ base: update.revision, set: [], removed: [], issuedAt: 1234 })
    expect(isSignedBy(update, signingKeysIn(channel.signing.publicKey)!)).toBe(true)
  })

  it('is stated anew long before it is too old, and when the key changes', async () => {
    let now = 1000
    const { push, connect } = await serve(4, { now: () => now++ })
    const settings = seal(installationResource({ lastGood: { secrets: 'Keep', maxAge: 300 } }))
    push.publish(snapshotOf([settings]))
    const dataplane = await connect()
    const first = await dataplane.updates.at(0)
    const second = await dataplane.updates.at(1)
    expect(second).toMatchObject({ sequence: first.sequence + 1, revision: first.revision, set: [] })
    expect(second.issuedAt).toBeGreaterThan(first.issuedAt)
    const signing = createSigningKeys()
    push.replaceCredentials(controllerCredentials({ ...channel, signing }))
    const keys = signingKeysIn(signing.publicKey)!
    const update = await dataplane.updates.first((one) => isSignedBy(one, keys))
    expect(update.revision).toBe(first.revision)
  })
})

describe('a token', () => {
  it('is checked with the instance, once, before anything is sent', async () => {
    const checks = changes<readonly [string | null, string]>()
    const verdict = Promise.withResolvers<boolean>()
    const authenticate = (token: string | null, instance: string): Promise<boolean> => {
      checks.add([token, instance])
      return verdict.promise
    }
    const { push, connect } = await serve(4, { authenticate })
    push.publish(snapshot('a'))
    const dataplane = await connect({ hello: { token: 'mine' } })
    expect(await checks.first()).toEqual(['mine', 'dp-0'])
    expect(push.sessions()).toEqual([])
    expect(dataplane.updates.all).toEqual([])
    verdict.resolve(true)
    await dataplane.updates.at(0)
    push.publish(snapshot('b'))
    await dataplane.updates.at(1)
    expect(checks.all).toHaveLength(1)
    expect(push.sessions()).toHaveLength(1)
  })

  it.each<[string, () => Promise<boolean>, unknown]>([
    ['is refused', () => Promise.resolve(false), null],
    ['cannot be checked', () => Promise.reject(new Error('away')), new Error('away')],
  ])('that %s ends the session, and leaves the one of that name alone', async (_, verdict, error) => {
    let authenticate = (): Promise<boolean> => Promise.resolve(true)
    const { push, connect, unknown } = await serve(4, { authenticate: () => authenticate() })
    const good = await connect()
    push.publish(snapshot('a'))
    await good.updates.at(0)
    authenticate = verdict
    const bad = await connect()
    expect(await bad.closed).toBe(closeCode.notAuthenticated)
    expect(unknown.all).toEqual([{ instance: 'dp-0', error }])
    expect(bad.updates.all).toEqual([])
    push.publish(snapshot('b'))
    await good.updates.at(1)
  })

  it('does not help a data plane that talks before it was checked', async () => {
    const { push, connect } = await serve(4, { authenticate: () => new Promise(() => undefined) })
    push.publish(snapshot('a'))
    const dataplane = await connect()
    dataplane.send({ type: 'ack', revision: snapshot('a').revision, refused: [] })
    expect(await dataplane.closed).toBe(closeCode.protocolError)
  })
})
