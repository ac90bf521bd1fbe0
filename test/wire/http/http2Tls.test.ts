import { describe, expect, it } from 'vitest'
import { data, flags, headers, type Fields } from '../../support/http2Frames.ts'
import { openHttp2, type RawHttp2 } from '../../support/rawHttp2.ts'
import type { Fixture } from './fixture.ts'
import { codeOf, until } from './keeper.ts'
import { certificate, listener, tlsKeeper, trust } from './tlsFixture.ts'

const { keep, start, identities } = tlsKeeper()

const asked = (host: string, path = '/', scheme = 'https'): Fields => [
  [':method', 'GET'],
  [':scheme', scheme],
  [':authority', host],
  [':path', path],
]

async function client(fixture: Fixture, servername: string): Promise<RawHttp2> {
  const raw = await openHttp2(fixture, { tls: { servername, ca: identities.servers.certificate } })
  await keep({ close: async () => raw.close() })
  return raw
}

const api = 'api.shop.example'
const docs = 'docs.shop.example'

describe('HTTP/2 over TLS', () => {
  it('is chosen by ALPN, and says so in what it forwards', async () => {
    const { fixture, target } = await start([listener('api', null, {}), certificate('shop/api', identities.api)])
    const raw = await client(fixture, api)
    await raw.send(headers(1, asked(api)))
    expect(await raw.over(1)).toMatchObject({ status: 200, ended: true })
    expect(target.requests[0]?.rawHeaders).toContain('https')
    await raw.send(headers(3, asked(api, '/', 'http')))
    expect(codeOf(await raw.over(3))).toBe('bad-request')
  })

  it('sends a request for what another certificate serves elsewhere, and goes on', async () => {
    const { fixture } = await start([
      listener('api', api, {}),
      listener('wild', '*.shop.example', { certificates: ['shop/wild'] }),
      certificate('shop/api', identities.api),
      certificate('shop/wild', identities.wild),
    ])
    const raw = await client(fixture, api)
    await raw.send(headers(1, asked(docs)))
    expect(codeOf(await raw.over(1))).toBe('misdirected')
    await raw.send(headers(3, asked(api)))
    expect(await raw.over(3)).toMatchObject({ status: 200 })
    expect(raw.goaway()).toBeNull()
  })

  it('ends with what runs when other client certificates are trusted', async () => {
    const shown = (anchor: string) => [
      listener('api', null, { clientCertificate: { mode: 'Request', trust: 'shop/clients' } }),
      certificate('shop/api', identities.api),
      trust('shop/clients', anchor),
    ]
    const { fixture, target, apply } = await start(shown(identities.clients.certificate))
    const raw = await client(fixture, api)
    await raw.send(headers(1, [...asked(api).with(0, [':method', 'POST'])], flags.none), data(1, 'abc'))
    await until(() => target.bytes().includes('abc'))
    await apply(shown(identities.others.certificate))
    await raw.until(() => raw.goaway() !== null)
    expect(raw.goaway()).toEqual({ code: 0, last: 1 })
    await raw.send(data(1, 'de', flags.endStream))
    expect((await raw.over(1)).ended).toBe(true)
    await raw.until(() => raw.closed())
  })
})
