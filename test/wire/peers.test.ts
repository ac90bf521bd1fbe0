import { afterEach, describe, expect, it } from 'vitest'
import { pushIdentity, seal } from '@gatehouse/contract'
import { createAuthority, type Leaf } from '../support/authority.ts'
import { createPushChannel, pushLeaf, type PushChannel } from '../support/pushChannel.ts'
import { startScriptedController } from '../support/scriptedController.ts'
import { fullUpdate, type SigningKeys } from '../support/signing.ts'
import { installation, startFollower, type Follower } from './follower.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function follow(
  addresses: readonly string[],
  ca: string,
  { dataplane, signing }: Pick<PushChannel, 'dataplane' | 'signing'>,
): Promise<Follower> {
  const follower = await startFollower({ addresses, ca, leaf: dataplane, signing })
  cleanups.push(follower.close)
  return follower
}

async function controller(ca: string, leaf: Leaf) {
  const started = await startScriptedController(ca, leaf)
  cleanups.push(started.close)
  return started
}

const resource = seal({ kind: 'endpoints', name: 'shop/a:80', spec: { addresses: [] } })
const update = (signing: SigningKeys): string => JSON.stringify(fullUpdate(signing, [resource]))

describe('the data plane takes configuration only from its controller', () => {
  it('says hello first, applies, and acknowledges', async () => {
    const channel = await createPushChannel(installation)
    const server = await controller(channel.authority.certificate, channel.controller)
    const { applied } = await follow([server.address], channel.authority.certificate, channel)
    const session = await server.sessions.first()
    expect(await session.received.at(0)).toEqual({
      type: 'hello',
      instance: 'dp-0',
      version: '0.1.0',
      contract: { min: 1, max: 1 },
      revision: null,
      token: null,
    })
    session.send(update(channel.signing))
    const ack = await session.received.at(1)
    expect(ack).toEqual({ type: 'ack', revision: (await applied.first()).revision, refused: [] })
  })

  const wrong: [string, (channel: PushChannel) => Promise<Leaf>, string][] = [
    ['a data plane certificate', ({ authority }) => pushLeaf(authority, installation, 'dataplane'), 'INVALID_PURPOSE'],
    [
      'the data plane identity with serverAuth',
      ({ authority }) => authority.leaf({ uris: [pushIdentity(installation, 'dataplane')] }),
      'WRONG_PEER',
    ],
    [
      'the controller of another installation',
      ({ authority }) => pushLeaf(authority, { namespace: 'gatehouse-system', name: 'other' }, 'controller'),
      'WRONG_PEER',
    ],
    [
      'the identity as a DNS name',
      ({ authority }) => authority.leaf({ dnsNames: ['127.0.0.1', 'localhost'] }),
      'WRONG_PEER',
    ],
    [
      'two identities',
      ({ authority }) =>
        authority.leaf({
          uris: [pushIdentity(installation, 'controller'), pushIdentity(installation, 'dataplane')],
        }),
      'WRONG_PEER',
    ],
    [
      'no extended key usage',
      ({ authority }) => authority.leaf({ uris: [pushIdentity(installation, 'controller')], usages: [] }),
      'WRONG_PEER',
    ],
    [
      'an expired certificate',
      ({ authority }) =>
        authority.leaf({ uris: [pushIdentity(installation, 'controller')], notAfter: Date.now() - 1000 }),
      'CERT_HAS_EXPIRED',
    ],
    [
      'another authority',
      async () => pushLeaf(await createAuthority(), installation, 'controller'),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ]
  it.each(wrong)('ends the handshake with %s', async (_, leafOf, code) => {
    const channel = await createPushChannel(installation)
    const server = await controller(channel.authority.certificate, await leafOf(channel))
    const { events } = await follow([server.address], channel.authority.certificate, channel)
    expect(await events.first()).toEqual({ type: 'disconnected', address: server.address, code })
    expect(server.sessions.all).toEqual([])
  })

  it('does not fall back to public authorities when ca.crt is empty', async () => {
    const channel = await createPushChannel(installation)
    const server = await controller(channel.authority.certificate, channel.controller)
    const { events } = await follow([server.address], '', channel)
    expect(await events.first()).toEqual({ type: 'no-credentials', code: 'UNUSABLE_CREDENTIALS' })
  })

  it('goes on to the next address, and reads renewed certificates when it dials again', async () => {
    const channel = await createPushChannel(installation)
    const stranger = await createAuthority()
    const server = await controller(channel.authority.certificate, channel.controller)
    const { events, folder } = await follow(['127.0.0.1:1', server.address], stranger.certificate, channel)
    await events.first((event) => event.type === 'disconnected' && event.address === server.address)
    await folder.replace(channel.authority.certificate, channel.dataplane)
    expect(await events.first((event) => event.type === 'connected')).toMatchObject({ address: server.address })
    expect(events.all[0]).toEqual({ type: 'disconnected', address: '127.0.0.1:1', code: 'ECONNREFUSED' })
  })
})
