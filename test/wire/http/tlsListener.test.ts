import { once } from 'node:events'
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { tlsTerminator } from '../../../dataplane/src/http/tlsTerminator.ts'
import { freePorts } from '../../cluster/freePorts.ts'
import { sendRaw } from '../../support/raw.ts'
import { listenerResource } from '../../support/resources.ts'
import { until } from './keeper.ts'
import { asking, certificate, listener, request, statusOn, subjectOf, tlsKeeper, trust } from './tlsFixture.ts'

const { attempt, get, keep, open, start, identities } = tlsKeeper()

/** Takes a port that a listener wants. */
async function taking(): Promise<{ readonly port: number; leave(): Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const leave = async (): Promise<void> => void (await new Promise((resolve) => server.close(resolve)))
  await keep({ close: leave })
  return { port: (server.address() as AddressInfo).port, leave }
}

describe('a listener', () => {
  it('presents a new certificate to new connections and cuts none', async () => {
    const { fixture, apply } = await start([listener('api', null, {}), certificate('shop/api', identities.api)])
    const { port } = fixture
    const socket = await open(fixture)
    expect(await statusOn(socket)).toBe(200)
    const next = await identities.servers.leaf({ dnsNames: ['api.shop.example', 'new.shop.example'] })
    await apply([listener('api', null, {}), certificate('shop/api', next)])
    expect(await subjectOf(fixture, 'api.shop.example')).toContain('new.shop.example')
    expect(await statusOn(socket)).toBe(200)
    expect(fixture.listeners.bound()[0]?.port).toBe(port)
  })

  it('with a certificate that cannot be used is reported and refuses, and the others go on', async () => {
    const { fixture, apply } = await start([listener('api', null, {}), certificate('shop/api', identities.api)])
    const refused = await apply([
      listener('api', 'api.shop.example', {}),
      listener('wild', '*.shop.example', { certificates: ['shop/wild'] }),
      certificate('shop/api', { certificate: identities.api.certificate, privateKey: identities.wild.privateKey }),
      certificate('shop/wild', identities.wild),
    ])
    expect(refused).toContainEqual({ resource: 'certificate/shop/api', field: '', reason: 'InvalidValue' })
    expect(await attempt(fixture, {})).toBe('refused')
    expect((await get(fixture, { servername: 'b.shop.example' }, 'b.shop.example')).responses[0]?.status).toBe(200)
  })

  it('without a certificate keeps its host, which no other listener of the port takes over', async () => {
    const { fixture } = await start([
      listener('api', 'api.shop.example', { certificates: [], ...asking('Require') }),
      listener('any', null, {}),
      certificate('shop/api', identities.api),
      trust('shop/clients', identities.clients.certificate),
    ])
    expect(await attempt(fixture, {})).toBe('refused')
    const other = { servername: 'b.shop.example' }
    expect((await get(fixture, other, 'b.shop.example')).responses[0]?.status).toBe(200)
    expect((await get(fixture, other)).responses[0]?.status).toBe(421)
  })

  it('can change its protocol without changing its port', async () => {
    const { fixture, apply } = await start([listenerResource({}, 'api')])
    const { port } = fixture
    const plain = (name: string) => listenerResource({ port }, name)
    await apply([listenerResource({}, 'other')])
    expect(await apply([plain('api')])).toEqual([])
    const secure = { ...listener('api', null, {}).spec, port }
    const changed = await apply([listenerResource(secure as object, 'api'), certificate('shop/api', identities.api)])
    expect(changed).toEqual([])
    expect(await attempt({ ...fixture, port }, {})).toBe(200)
    expect(await apply([plain('api')])).toEqual([])
  })

  it('tells apart two connections from one source port to two of its ports', async () => {
    const { certificate: chain, privateKey } = identities.api
    const settings = { minVersion: 'TLS1_3', mode: 'Off', anchors: [], handshakeTimeout: 5000 } as const
    const terminator = tlsTerminator({ ...settings, certificate: { chain, privateKey } })
    const pairs: (readonly [number | undefined, number | undefined])[] = []
    const serve = async (): Promise<number> => {
      const server = createServer((transport) => {
        terminator.accept(transport, (socket) => {
          pairs.push([transport.localPort, socket.localPort])
          socket.end()
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      await keep({ close: async () => void (await new Promise((resolve) => server.close(resolve))) })
      return (server.address() as AddressInfo).port
    }
    const ports = [await serve(), await serve()]
    const [localPort = 0] = await freePorts(1)
    const transports = ports.map((port) => connectTcp({ host: '127.0.0.1', port, localPort }))
    await Promise.all(transports.map((socket) => once(socket, 'connect')))
    const secured = transports.map((socket) => connectTls({ socket, rejectUnauthorized: false }).resume())
    await Promise.all(secured.map((socket) => once(socket, 'close')))
    expect(new Set(pairs.map(String))).toEqual(new Set(ports.map((port) => `${port},${port}`)))
  })

  it('keeps to its lowest version and to HTTP', async () => {
    const { fixture } = await start([
      listener('api', null, { minVersion: 'TLS1_3' }),
      certificate('shop/api', identities.api),
    ])
    expect(await attempt(fixture, { maxVersion: 'TLSv1.2' })).toBe('refused')
    expect(await attempt(fixture, { ALPNProtocols: ['spdy/3'] })).toBe('refused')
    expect(await attempt(fixture, { ALPNProtocols: ['http/1.1'] })).toBe(200)
  })

  it('lets go of connections that begin with something else, or do not go on', async () => {
    const { fixture } = await start([listener('api', null, {}), certificate('shop/api', identities.api)], {
      limits: { handshakeTimeout: 100 },
    })
    const closed = (bytes: Buffer): Promise<void> =>
      new Promise((resolve) => {
        const socket = connectTcp(fixture.port, fixture.address, () => socket.write(bytes))
        socket
          .on('error', () => {})
          .on('close', () => resolve())
          .resume()
      })
    await closed(Buffer.from(request()))
    await closed(Buffer.of(22, 3, 1, 0))
    await closed(Buffer.from([22, 3, 1, 0, 50, 1, 0, 0, 200]))
    await closed(Buffer.alloc(0))
    await closed(Buffer.from(`16030100${'ff'.repeat(100)}`, 'hex'))
    expect(fixture.listeners.connections()).toEqual([{ listener: 'api', count: 0 }])
    expect(fixture.records).toEqual([])
  })

  it('whose port is taken, or speaks two protocols, is reported', async () => {
    const { port } = await taking()
    const { fixture, apply } = await start([listenerResource()])
    const refused = await apply([listenerResource(), listenerResource({ port }, 'taken')])
    expect(refused).toContainEqual({ resource: 'listener/taken', field: '/port', reason: 'BuildFailed' })
    expect(fixture.listeners.bound().map(({ name }) => name)).toEqual(['http'])
    const two = await apply([
      listenerResource({ port }, 'a'),
      listenerResource({ port, protocol: 'HTTPS', tls: null }, 'b'),
    ])
    expect(two).toContainEqual({ resource: 'listener/b', field: '/protocol', reason: 'InvalidValue' })
  })

  it('opens as soon as the port that it wants is free, and not when it is no longer wanted', async () => {
    const { fixture, apply } = await start([listenerResource()])
    const [wanted, unwanted] = [await taking(), await taking()]
    const late = listenerResource({ port: wanted.port }, 'late')
    const never = listenerResource({ port: unwanted.port }, 'never')
    expect(await apply([listenerResource(), late, never])).toHaveLength(2)
    expect(await apply([listenerResource(), late])).toHaveLength(1)
    await unwanted.leave()
    await wanted.leave()
    await until(() => fixture.ports.reopened === 1)
    expect(fixture.listeners.bound().map(({ name }) => name)).toEqual(['http', 'late'])
    const { responses } = await sendRaw({ ...fixture, port: wanted.port }, request(), { responses: 1 })
    expect(responses[0]?.status).toBe(200)
    expect(await apply([listenerResource(), late])).toEqual([])
    expect(fixture.ports.reopened).toBe(1)
  })

  it('is no longer opened once everything is closed', async () => {
    const { fixture, apply } = await start([listenerResource()])
    const { port } = await taking()
    await apply([listenerResource({ port }, 'late')])
    await until(() => fixture.ports.refused > 1)
    await fixture.listeners.close(0)
    const { refused } = fixture.ports
    // Timers fire in the order in which they were set.
    for (let look = 0; look < 20; look++) await new Promise((resolve) => setTimeout(resolve, 2))
    expect(fixture.ports).toEqual({ refused, reopened: 0 })
  })
})
