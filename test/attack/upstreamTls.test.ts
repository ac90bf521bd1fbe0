import { createServer, type AddressInfo, type Server } from 'node:net'
import { seal, type Resource, type ResourceSpec } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, type Authority, type Leaf, type LeafOptions } from '../support/authority.ts'
import { sendRaw } from '../support/raw.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { startTlsBackend, type TlsBackend, type TlsBackendOptions } from '../support/tlsBackend.ts'
import type { UpstreamFailure } from '../../dataplane/src/telemetry/upstreamFailure.ts'
import { attackedEntry } from './attackedEntry.ts'

type Tls = NonNullable<ResourceSpec<'upstream'>['tls']>

const tls = (over: Partial<Tls> = {}): Tls => ({
  hostname: 'orders.internal',
  trust: 'shop/ca',
  subjectAltNames: [],
  clientCertificate: null,
  ...over,
})

/** One backend and how the gateway is told to speak to it. */
interface Case {
  readonly certificate?: LeafOptions
  /** Whose the certificate is; default the authority that is trusted. */
  readonly by?: 'other' | 'client'
  readonly server?: Omit<TlsBackendOptions, 'leaf'>
  readonly tls?: Partial<Tls>
  readonly protocol?: 'HTTP1' | 'HTTP2'
  readonly answers: '200' | '500 config-invalid' | UpstreamFailure
}

const own: LeafOptions = { dnsNames: ['orders.internal'] }
const workload = 'spiffe://shop/orders'
const named = (...subjectAltNames: Tls['subjectAltNames']): Partial<Tls> => ({ subjectAltNames })

const cases: Readonly<Record<string, Case>> = {
  'the backend itself': { answers: '200' },
  'the backend itself by HTTP/2': { protocol: 'HTTP2', server: { protocol: 'HTTP2' }, answers: '200' },
  'a name right below a wildcard': { certificate: { dnsNames: ['*.internal'] }, answers: '200' },
  'a certificate of another authority': { by: 'other', answers: 'certificate-untrusted' },
  'a certificate of an authority of clients': { by: 'client', answers: 'certificate-untrusted' },
  'a certificate for another name': { certificate: { dnsNames: ['users.internal'] }, answers: 'certificate-name' },
  'a name two below a wildcard': {
    certificate: { dnsNames: ['*.internal'] },
    tls: { hostname: 'a.orders.internal' },
    answers: 'certificate-name',
  },
  'a wildcard over more than a label': { certificate: { dnsNames: ['*'] }, answers: 'certificate-name' },
  'a name that is only the common name': {
    certificate: { commonName: 'orders.internal' },
    answers: 'certificate-name',
  },
  'a name that is one in another type': {
    certificate: { uris: ['dns:orders.internal'], emails: ['orders.internal@a.b'] },
    answers: 'certificate-name',
  },
  'an expired certificate': {
    certificate: { ...own, notAfter: Date.now() - 60_000 },
    answers: 'certificate-expired',
  },
  'a certificate that is not valid yet': {
    certificate: { ...own, notBefore: Date.now() + 3_600_000 },
    answers: 'certificate-not-yet-valid',
  },
  'a certificate for clients': { certificate: { ...own, usages: ['clientAuth'] }, answers: 'certificate-purpose' },
  'a workload by its URI': {
    certificate: { dnsNames: ['any.example'], uris: ['spiffe://shop/other', workload] },
    tls: named({ type: 'URI', uri: workload }),
    answers: '200',
  },
  'one of several names': {
    certificate: { dnsNames: ['b.internal'] },
    tls: named({ type: 'URI', uri: workload }, { type: 'Hostname', hostname: 'b.internal' }),
    answers: '200',
  },
  'the host name where another name is asked for': {
    tls: named({ type: 'URI', uri: workload }),
    answers: 'certificate-name',
  },
  'a URI that only begins as it should': {
    certificate: { uris: [`${workload}/x`] },
    tls: named({ type: 'URI', uri: workload }),
    answers: 'certificate-name',
  },
  'a host name that is a URI': {
    certificate: { uris: ['https://b.internal'] },
    tls: named({ type: 'Hostname', hostname: 'b.internal' }),
    answers: 'certificate-name',
  },
  'TLS 1.1': {
    server: { tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } },
    answers: 'tls',
  },
  'TLS 1.2': { server: { tls: { maxVersion: 'TLSv1.2' } }, answers: '200' },
  'a backend without HTTP/2 where it is asked for': { protocol: 'HTTP2', answers: 'no-http2' },
  'authorities of the system, of which it has none': { tls: { trust: null }, answers: 'certificate-untrusted' },
  'trust in nobody': { tls: { trust: 'shop/nobody' }, answers: 'certificate-untrusted' },
  'trust that is gone': { tls: { trust: 'shop/gone' }, answers: '500 config-invalid' },
  'a client certificate': {
    server: { tls: { requestCert: true, rejectUnauthorized: true } },
    tls: { clientCertificate: 'shop/gateway' },
    answers: '200',
  },
  'no client certificate where one is asked for': {
    server: { tls: { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } },
    answers: 'tls',
  },
  'a client certificate that is gone': { tls: { clientCertificate: 'shop/gone' }, answers: '500 config-invalid' },
}

const names = Object.keys(cases)
const service = (name: string): string => `s${names.indexOf(name)}`

describe('attack: upstreamTls', () => {
  let authorities: Readonly<Record<'own' | 'other' | 'client', Authority>>
  let served: ServedDataplane
  const backends = new Map<string, TlsBackend>()

  const upstreamOf = (name: string): Resource[] => {
    const one = cases[name]!
    const over = { protocol: one.protocol ?? 'HTTP1', tls: tls(one.tls), authority: 'orders.internal' } as const
    return upstreamResources(service(name), [backends.get(name)!], over)
  }

  const gone = (gateway: Leaf): Resource[] => [
    { kind: 'trust', name: 'shop/gone', spec: { anchors: [authorities.own.certificate] } },
    { kind: 'certificate', name: 'shop/gone', spec: { chain: gateway.certificate, privateKey: gateway.privateKey } },
  ]

  const resources = (gateway: Leaf): Resource[] => [
    installationResource(),
    listenerResource(),
    policyResource(),
    { kind: 'trust', name: 'shop/ca', spec: { anchors: [authorities.own.certificate] } },
    { kind: 'trust', name: 'shop/nobody', spec: { anchors: [] } },
    {
      kind: 'certificate',
      name: 'shop/gateway',
      spec: { chain: gateway.certificate, privateKey: gateway.privateKey },
    },
    ...names.flatMap(upstreamOf),
    ...names.map((name) => {
      const matches = [
        { path: { type: 'Exact' as const, value: `/${service(name)}` }, methods: null, headers: [], queryParams: [] },
      ]
      return routeResource([ruleTo(service(name), { matches })], {}, service(name))
    }),
  ]

  beforeAll(async () => {
    const [mine, other, client] = await Promise.all(['own', 'other', 'client'].map((name) => createAuthority(name)))
    authorities = { own: mine!, other: other!, client: client! }
    for (const name of names) {
      const { certificate = own, by = 'own', server = {} } = cases[name]!
      const leaf = await authorities[by].leaf(certificate)
      const secure = { ...server, tls: { ca: authorities.client.certificate, ...server.tls } }
      backends.set(name, await startTlsBackend({ leaf, ...secure }))
    }
    const gateway = await authorities.client.leaf({ commonName: 'gateway', usages: ['clientAuth'] })
    const all = [...resources(gateway), ...gone(gateway)]
    served = await startServedDataplane(
      all.map((one) => seal(one)),
      attackedEntry,
    )
    await served.controller.publish(resources(gateway).map((one) => seal(one)))
  })

  afterAll(async () => {
    await served.close()
    for (const backend of backends.values()) await backend.close()
  })

  async function ask(name: string, host = 'api.shop.example'): Promise<string> {
    const target = await served.process.listener('http')
    const bytes = `GET /${service(name)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    const [response] = (await sendRaw(target, bytes, { responses: 1 })).responses
    if (response!.status === 200) return '200'
    const { type } = JSON.parse(response!.body.toString()) as { type: string }
    const summary = `${response!.status} ${type.replace('urn:gatehouse:problem:', '')}`
    if (summary !== '502 upstream-connect') return summary
    const id = response!.headers.get('x-request-id')?.[0]
    const line = await served.process.lines.first(({ requestId }) => requestId === id)
    return String(line['upstreamFailure'])
  }

  it.each(names)('%s', async (name) => {
    const { answers, protocol = 'HTTP1' } = cases[name]!
    expect(await ask(name)).toBe(answers)
    const { requests } = backends.get(name)!
    expect(requests).toHaveLength(answers === '200' ? 1 : 0)
    if (answers !== '200') return
    const alpn = protocol === 'HTTP2' ? 'h2' : 'http/1.1'
    expect(requests[0]).toMatchObject({ servername: 'orders.internal', alpn, method: 'GET' })
    expect(requests[0]?.headers[protocol === 'HTTP2' ? ':authority' : 'host']).toBe('orders.internal')
    expect(requests[0]?.client).toBe(name === 'a client certificate' ? 'gateway' : null)
  })

  it('what a client says of the host changes neither connection nor name', async () => {
    const backend = backends.get('the backend itself')!
    const before = { accepted: backend.accepted(), requests: backend.requests.length }
    for (let times = 0; times < 3; times++) expect(await ask('the backend itself', 'API.shop.example:80')).toBe('200')
    expect(backend.requests.slice(before.requests).map(({ servername }) => servername)).toEqual(
      Array.from({ length: 3 }, () => 'orders.internal'),
    )
    expect(backend.accepted()).toBe(before.accepted)
  })

  it('nothing of a request is said to a backend that does not begin TLS', async () => {
    let bytes = Buffer.alloc(0)
    const plain: Server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      })
    })
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as AddressInfo
    const name = names[0]!
    const over = { tls: tls(), authority: 'orders.internal' }
    const moved = upstreamResources(service(name), [{ address: '127.0.0.1', port }], over)
    const gateway = await authorities.client.leaf({ usages: ['clientAuth'] })
    const rest = resources(gateway).filter(({ name: one }) => one !== `shop/${service(name)}:80`)
    await served.controller.publish([...rest, ...moved].map((one) => seal(one)))
    expect(await ask(name)).toBe('tls')
    expect(bytes.length).toBeGreaterThan(0)
    expect(bytes.toString('latin1')).not.toContain('GET ')
    plain.close()
  })
})
