import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Resource } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { openRaw } from '../../support/raw.ts'
import type { Fixture } from './fixture.ts'
import { asking, certificate, listener, presenting, request, statusOn, trust, tlsKeeper } from './tlsFixture.ts'

const { attempt, open, start, identities } = tlsKeeper()

describe('a client certificate', () => {
  const resources = (mode: 'Request' | 'Require', ...anchors: string[]): Resource[] => [
    listener('api', 'api.shop.example', asking(mode)),
    certificate('shop/api', identities.api),
    trust('shop/clients', ...anchors),
  ]

  it('becomes a fact with typed names and its anchor', async () => {
    const { fixture, facts } = await start(
      resources('Require', identities.others.certificate, identities.clients.certificate),
    )
    expect(await attempt(fixture, presenting(identities.client))).toBe(200)
    const digest = (pem: string): string => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')
    expect(facts()?.clientCertificate).toEqual({
      fingerprint: digest(identities.client.certificate),
      notAfter: new X509Certificate(identities.client.certificate).validToDate.getTime(),
      uris: ['spiffe://cluster.local/ns/shop/sa/orders'],
      dnsNames: ['orders.shop.svc'],
      emails: [],
      addresses: [],
      anchor: digest(identities.clients.certificate),
    })
    expect(facts()?.trustHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('may be missing where it is only asked for, and counts for nothing when it is not of the trust', async () => {
    const { fixture, facts } = await start(resources('Request', identities.others.certificate))
    for (const tls of [{}, presenting(identities.client)]) {
      expect(await attempt(fixture, tls)).toBe(200)
      expect(facts()?.clientCertificate).toBeNull()
      expect(facts()?.trustHash).not.toBeNull()
    }
  })

  it('is not asked for where the mode is Off', async () => {
    const { fixture, facts } = await start([listener('api', null, {}), certificate('shop/api', identities.api)])
    expect(await attempt(fixture, presenting(identities.client))).toBe(200)
    expect(facts()).toMatchObject({ clientCertificate: null, trustHash: null })
  })

  it('that is required refuses none, others, expired ones and those of servers', async () => {
    const { fixture } = await start(resources('Require', identities.clients.certificate))
    const past = Date.now() - 1000
    const bad: ConnectionOptions[] = [
      {},
      presenting(await identities.others.leaf({ usages: ['clientAuth'] })),
      presenting(await identities.clients.leaf({ usages: ['clientAuth'], notAfter: past, notBefore: past - 1000 })),
      presenting(await identities.clients.leaf({ usages: ['serverAuth'] })),
    ]
    for (const tls of bad) expect(await attempt(fixture, tls)).toBe('refused')
    for (const tls of bad) expect(await attempt(fixture, { ...tls, maxVersion: 'TLSv1.2' })).toBe('refused')
    expect(await attempt(fixture, { ...presenting(identities.client), maxVersion: 'TLSv1.2' })).toBe(200)
    expect(fixture.records).toHaveLength(1)
  })

  it('cannot satisfy an empty, missing or unreadable trust', async () => {
    const { fixture, apply } = await start(resources('Require'))
    expect(await attempt(fixture, presenting(identities.client))).toBe('refused')
    const missing = await apply([listener('api', null, asking('Require')), certificate('shop/api', identities.api)])
    expect(missing).toContainEqual({ resource: 'trust/shop/clients', field: '', reason: 'MissingReference' })
    expect(await attempt(fixture, presenting(identities.client))).toBe('refused')
    const garbage = await apply(resources('Require', 'garbage'))
    expect(garbage).toContainEqual({ resource: 'trust/shop/clients', field: '', reason: 'InvalidValue' })
    expect(await attempt(fixture, presenting(identities.client))).toBe('refused')
    expect(await attempt(fixture, {})).toBe('refused')
  })

  it('may come through an intermediate, which may itself be the anchor', async () => {
    const middle = await identities.clients.intermediate('middle')
    const leaf = await middle.leaf({ usages: ['clientAuth'] })
    const { fixture, apply, facts } = await start(resources('Require', identities.clients.certificate))
    expect(await attempt(fixture, presenting(leaf))).toBe(200)
    const root = facts()?.clientCertificate?.anchor
    await apply(resources('Require', middle.certificate))
    expect(await attempt(fixture, presenting(leaf))).toBe(200)
    expect(facts()?.clientCertificate?.anchor).not.toBe(root)
    expect(await attempt(fixture, presenting(identities.client))).toBe('refused')
    await apply(resources('Require', identities.others.certificate, identities.clients.certificate))
    expect(await attempt(fixture, presenting(leaf))).toBe(200)
    expect(['', root]).toContain(facts()?.clientCertificate?.anchor)
  })

  it('stops being good when its authority is no longer trusted: also its connection, with 421', async () => {
    const { fixture, apply } = await start(resources('Require', identities.clients.certificate))
    const socket = await open(fixture, presenting(identities.client))
    expect(await statusOn(socket)).toBe(200)
    await apply(resources('Require', identities.others.certificate))
    expect(await attempt(fixture, presenting(identities.client))).toBe('refused')
    const ended = once(socket, 'end')
    expect(await statusOn(socket)).toBe(421)
    await ended
  })

  it('stays good on its connection while its authority is trusted, beside which others', async () => {
    const { clients, others } = identities
    const { fixture, apply, facts } = await start(resources('Require', clients.certificate))
    const socket = await open(fixture, presenting(identities.client))
    expect(await statusOn(socket)).toBe(200)
    const began = facts()?.trustHash
    await apply(resources('Require', clients.certificate, others.certificate))
    for (let count = 0; count < 3; count++) expect(await statusOn(socket)).toBe(200)
    expect(facts()?.trustHash).toBe(began)
    await apply(resources('Require', others.certificate))
    expect(await statusOn(socket)).toBe(421)
  })

  it('that nobody asked for, or that was not believed, can be shown again: the next response ends the connection', async () => {
    const { clients, others, servers } = identities
    const { fixture, apply, facts } = await start(resources('Request', clients.certificate))
    const ca = servers.certificate
    const stranger = presenting(await others.leaf({ usages: ['clientAuth'] }))
    const tls = { ca, servername: 'api.shop.example', ...stranger }
    const connection = await openRaw(fixture, { tls })
    await connection.send(request())
    await connection.read(1)
    expect(facts()?.clientCertificate).toBeNull()
    await apply(resources('Request', clients.certificate, others.certificate))
    await connection.send(request())
    const { responses } = await connection.read(3)
    expect(responses.map(({ status, headers }) => [status, headers.get('connection')])).toEqual([
      [200, ['keep-alive']],
      [200, ['close']],
    ])
    expect(await attempt(fixture, stranger)).toBe(200)
    expect(facts()?.clientCertificate).not.toBeNull()
  })
})

describe('a session', () => {
  /** Whether a second connection resumes the session of the first, with a change between them. */
  const resume = (
    fixture: Fixture,
    options: ConnectionOptions,
    change: () => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const { address: host, port } = fixture
      const base = { host, port, ca: identities.servers.certificate, servername: 'api.shop.example', ...options }
      let session: Buffer | undefined
      const first = connectTls(base)
      first.on('session', (one) => (session = one))
      first.on('error', reject)
      first.once('data', () => {
        session ??= first.getSession()
        first.destroy()
        void change().then(() => {
          const second = connectTls({ ...base, ...(session === undefined ? {} : { session }) })
          second.on('error', reject)
          second.once('data', () => {
            resolve(second.isSessionReused())
            second.destroy()
          })
          second.write(request())
        })
      })
      first.write(request())
    })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is not resumed where client certificates are asked for: %s',
    async (version) => {
      for (const mode of ['Request', 'Require'] as const) {
        const { fixture } = await start([
          listener('api', 'api.shop.example', asking(mode)),
          certificate('shop/api', identities.api),
          trust('shop/clients', identities.clients.certificate),
        ])
        expect(await resume(fixture, { ...presenting(identities.client), maxVersion: version })).toBe(false)
      }
    },
  )

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is not resumed once one is asked for: %s', async (maxVersion) => {
    const { clients, api } = identities
    const resources = [listener('api', 'api.shop.example', {}), certificate('shop/api', api)]
    const { fixture, apply } = await start(resources)
    const asks = [listener('api', 'api.shop.example', asking('Request')), trust('shop/clients', clients.certificate)]
    const change = async (): Promise<void> => void (await apply([...asks, certificate('shop/api', api)]))
    expect(await resume(fixture, { maxVersion }, change)).toBe(false)
  })

  it('is resumed where none is asked for, also after an unrelated change', async () => {
    const resources = [listener('api', 'api.shop.example', {}), certificate('shop/api', identities.api)]
    const { fixture, apply } = await start(resources)
    expect(await resume(fixture, { maxVersion: 'TLSv1.2' })).toBe(true)
    await apply([...resources, certificate('shop/wild', identities.wild)])
    expect(await resume(fixture, {})).toBe(true)
  })
})
