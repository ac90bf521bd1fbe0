import { connect } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { pushIdentity, pushProtocol, seal } from '@gatehouse/contract'
import { createAuthority, type Leaf } from '../support/authority.ts'
import { startTestController, type TestController } from '../support/controller.ts'
import { createPushChannel, pushLeaf } from '../support/pushChannel.ts'
import { installation, startFollower } from './follower.ts'

const channel = await createPushChannel(installation)

async function started(): Promise<TestController> {
  const controller = await startTestController(channel)
  onTestFinished(controller.close)
  return controller
}

/** Dials without any check of its own. @returns what came of it: `open`, or the code of the end */
function dial(address: string, leaf: Leaf | null): Promise<string> {
  const socket = new WebSocket(`wss://${address}/`, pushProtocol, {
    rejectUnauthorized: false,
    ...(leaf === null ? {} : { cert: leaf.certificate, key: leaf.privateKey }),
  })
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.terminate()
      resolve('open')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'refused'))
  })
}

const resource = seal({ kind: 'endpoints', name: 'shop/a:80', spec: { addresses: [] } })

describe('the controller serves only data planes of its installation', () => {
  it('serves one', async () => {
    const controller = await started()
    const follower = await startFollower({
      addresses: [controller.address],
      ca: channel.authority.certificate,
      leaf: channel.dataplane,
      signing: channel.signing,
    })
    onTestFinished(follower.close)
    const state = await controller.publish([resource])
    expect(state).toMatchObject({ instance: 'dp-0', revision: (await follower.applied.first()).revision, nack: null })
  })

  const wrong: [string, () => Promise<Leaf | null>][] = [
    ['no certificate', () => Promise.resolve(null)],
    ['a controller certificate', () => pushLeaf(channel.authority, installation, 'controller')],
    [
      'the controller identity with clientAuth',
      () => channel.authority.leaf({ uris: [pushIdentity(installation, 'controller')], usages: ['clientAuth'] }),
    ],
    [
      'the data plane identity with serverAuth',
      () => channel.authority.leaf({ uris: [pushIdentity(installation, 'dataplane')], usages: ['serverAuth'] }),
    ],
    [
      'a data plane of another installation',
      () => pushLeaf(channel.authority, { namespace: 'gatehouse-system', name: 'other' }, 'dataplane'),
    ],
    ['another authority', async () => pushLeaf(await createAuthority(), installation, 'dataplane')],
    ['no identity', () => channel.authority.leaf({ dnsNames: ['dataplane'], usages: ['clientAuth'] })],
  ]
  it.each(wrong)('refuses %s', async (_, leafOf) => {
    const controller = await started()
    expect(await dial(controller.address, await leafOf())).not.toBe('open')
    expect(controller.push.sessions()).toEqual([])
  })

  it('speaks no TLS below 1.3', async () => {
    const controller = await started()
    const { certificate: cert, privateKey: key } = channel.dataplane
    const [host, port] = controller.address.split(':')
    const socket = connect({ host, port: Number(port), cert, key, rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
    const code = await new Promise((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      socket.on('secureConnect', () => resolve('connected'))
    })
    expect(code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  })
})
