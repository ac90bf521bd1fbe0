import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sendRaw } from '../../support/raw.ts'
import type { Fixture } from './fixture.ts'
import { asking, certificate, listener, presenting, request, subjectOf, trust, tlsKeeper } from './tlsFixture.ts'

const { attempt, get, keep, start, identities } = tlsKeeper()

describe('the server name', () => {
  it.each([
    ['api.shop.example', 'api', 'shop/api'],
    ['API.Shop.Example', 'api', 'shop/api'],
    ['api.shop.example.', 'api', 'shop/api'],
    ['other.shop.example', 'wild', 'shop/wild'],
    ['a.b.shop.example', 'wild', 'shop/wild'],
  ])('%s selects the most specific listener and its certificate', async (servername, name, presented) => {
    const { fixture, facts } = await start([
      listener('api', 'api.shop.example', {}),
      listener('wild', '*.shop.example', { certificates: ['shop/wild'] }),
      certificate('shop/api', identities.api),
      certificate('shop/wild', identities.wild),
    ])
    const host = servername.toLowerCase().replace(/\.$/, '')
    expect((await get(fixture, { servername }, host)).responses[0]?.status).toBe(200)
    expect(facts()).toMatchObject({ listener: name, certificate: presented, serverName: host, scheme: 'https' })
  })

  it.each(['api.elsewhere.example', 'shop.example', '', 'xapi.shop.example.evil'])(
    '%j that no listener has is refused',
    async (servername) => {
      const { fixture } = await start([listener('wild', '*.shop.example', {}), certificate('shop/api', identities.api)])
      expect(await attempt(fixture, { servername })).toBe('refused')
      expect(fixture.records).toEqual([])
    },
  )

  it('may be missing where a listener serves every host', async () => {
    const { fixture, facts } = await start([listener('any', null, {}), certificate('shop/api', identities.api)])
    expect(await attempt(fixture, { servername: '' })).not.toBe('refused')
    expect(facts()).toMatchObject({ listener: 'any', serverName: null })
  })

  it('chooses among the certificates of a listener, the first when none fits', async () => {
    const { fixture } = await start([
      listener('any', null, { certificates: ['shop/wild', 'shop/api'] }),
      certificate('shop/api', identities.api),
      certificate('shop/wild', await identities.servers.leaf({ dnsNames: ['www.shop.example'] })),
    ])
    expect(await subjectOf(fixture, 'api.shop.example')).toBe('DNS:api.shop.example')
    expect(await subjectOf(fixture, 'www.shop.example')).toBe('DNS:www.shop.example')
    expect(await subjectOf(fixture, 'unknown.example')).toBe('DNS:www.shop.example')
  })

  it('is found however the ClientHello is cut', async () => {
    const { fixture, facts } = await start([
      listener('api', 'api.shop.example', asking('Require')),
      listener('any', null, {}),
      certificate('shop/api', identities.api),
      trust('shop/clients', identities.clients.certificate),
    ])
    const inner = await slicing(fixture)
    const slices = { address: '127.0.0.1', port: inner.port }
    const { responses } = await sendRaw(slices, request(), {
      responses: 1,
      tls: { ca: identities.servers.certificate, servername: 'api.shop.example', ...presenting(identities.client) },
    })
    expect(responses[0]?.status).toBe(200)
    expect(facts()?.listener).toBe('api')
  })

  it('and the authority must select the same, else 421', async () => {
    const { fixture } = await start([
      listener('api', 'api.shop.example', {}),
      listener('admin', 'admin.shop.example', { certificates: ['shop/wild'], ...asking('Require') }),
      certificate('shop/api', identities.api),
      certificate('shop/wild', identities.wild),
      trust('shop/clients', identities.clients.certificate),
    ])
    expect((await get(fixture, {}, 'admin.shop.example')).responses[0]?.status).toBe(421)
  })
})

/** A relay that passes on one byte at a time until the handshake is well under way. */
async function slicing(fixture: Fixture): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const relay = createServer((inbound) => {
    const outbound = connectTcp(fixture.port, fixture.address)
    outbound.setNoDelay(true)
    for (const socket of [inbound, outbound]) sockets.add(socket.on('error', () => {}))
    let first = true
    inbound.on('data', (chunk: Buffer) => {
      if (!first) return void outbound.write(chunk)
      first = false
      inbound.pause()
      void (async () => {
        for (const byte of chunk) await new Promise((resolve) => outbound.write(Buffer.of(byte), resolve))
        inbound.resume()
      })()
    })
    outbound.pipe(inbound)
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const address = relay.address()
  return await keep(
    Promise.resolve({
      port: address !== null && typeof address === 'object' ? address.port : 0,
      close: async () => {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => relay.close(resolve))
      },
    }),
  )
}
