import { seal, type Resource, type ResourceSpec } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, type Authority } from '../support/authority.ts'
import { startBackend, type Backend } from '../support/backend.ts'
import { sendRaw } from '../support/raw.ts'
import {
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { startTlsBackend, type TlsBackend } from '../support/tlsBackend.ts'
import { attackedEntry } from './attackedEntry.ts'

type Upstream = ResourceSpec<'upstream'>

/** An address that is tried and does not answer is 504: only what is refused beforehand is 502. */
const timeouts = { request: 3_000, backendRequest: 0, connect: 20_000, idle: 60_000, maxStreamAge: 0 }

describe('attack: upstreamHost', () => {
  let authority: Authority
  let backend: TlsBackend
  let plain: Backend
  let served: ServedDataplane

  beforeAll(async () => {
    authority = await createAuthority('own')
    const leaf = await authority.leaf({ dnsNames: ['localhost'], addresses: ['127.0.0.1'] })
    backend = await startTlsBackend({ leaf })
    plain = await startBackend()
    served = await startServedDataplane(
      resources().map((one) => seal(one)),
      attackedEntry,
    )
  })
  afterAll(async () => {
    await served.close()
    await backend.close()
    await plain.close()
  })

  const upstream = (
    service: string,
    name: string,
    port: number,
    over: Partial<Upstream> & { secure?: boolean; addresses?: 'Public' | 'Private' } = {},
  ): Resource[] => {
    const { secure = true, addresses = 'Public', ...rest } = over
    const tls = { hostname: name, trust: 'shop/ca', subjectAltNames: [], clientCertificate: null }
    const [made] = upstreamResources(service, [], {
      ...{ authority: `${name}:${port}`, tls: secure ? tls : null, host: { name, port, addresses } },
      ...{ exemptFromAddressRules: false, ...rest },
    })
    return [made!]
  }

  function resources(allowLoopback = true, deniedAddresses: string[] = []): Resource[] {
    const services = ['name', 'address', 'plain', 'elsewhere', 'metadata', 'private']
    return [
      installationResource({ outbound: { podCIDRs: [], allowLoopback, deniedAddresses } }),
      listenerResource(),
      policyResource(),
      { kind: 'trust', name: 'shop/ca', spec: { anchors: [authority.certificate] } },
      ...upstream('name', 'localhost', backend.port),
      ...upstream('address', '127.0.0.1', backend.port),
      ...upstream('plain', 'localhost', plain.port, { secure: false }),
      ...upstream('elsewhere', '192.0.2.1', 80, { secure: false }),
      ...upstream('metadata', '169.254.169.254', 443, { addresses: 'Private' }),
      ...upstream('private', '10.255.255.1', 443),
      ...services.map((service) => {
        const path = { type: 'Exact' as const, value: `/${service}` }
        const matches = [{ path, methods: null, headers: [], queryParams: [] }]
        return routeResource([ruleTo(service, { matches, action: forwardTo(service, { timeouts }) })], {}, service)
      }),
    ]
  }

  const publish = (next: readonly Resource[]) => served.controller.publish(next.map((one) => seal(one)))

  async function ask(service: string): Promise<number> {
    const target = await served.process.listener('http')
    const bytes = `GET /${service} HTTP/1.1\r\nHost: api.shop.example\r\n\r\n`
    return (await sendRaw(target, bytes, { responses: 1 })).responses[0]!.status
  }

  it('a host by its name and by its address, verified for it and called by it', async () => {
    expect(await ask('name')).toBe(200)
    expect(await ask('address')).toBe(200)
    expect(backend.requests.map(({ servername, headers }) => [servername, headers['host']])).toEqual([
      ['localhost', `localhost:${backend.port}`],
      [false, `127.0.0.1:${backend.port}`],
    ])
  })

  it('without TLS loopback', async () => {
    expect(await ask('plain')).toBe(200)
  })

  it.each([
    ['elsewhere without TLS', 'elsewhere'],
    ['of metadata', 'metadata'],
    ['that is private', 'private'],
  ])('no address %s', async (_name, service) => {
    expect(await ask(service)).toBe(502)
    const line = await served.process.lines.first(({ path }) => path === `/${service}`)
    expect(line).toMatchObject({ code: 'upstream-connect', upstreamFailure: 'address-not-allowed' })
  })

  it('an address that may no longer be dialled, not even over a connection that stands', async () => {
    expect(await ask('name')).toBe(200)
    const before = { tls: backend.requests.length, plain: plain.requests.length }
    await publish(resources(false))
    expect(await ask('name')).toBe(502)
    expect(await ask('plain')).toBe(502)
    expect({ tls: backend.requests.length, plain: plain.requests.length }).toEqual(before)
    await publish(resources())
    expect(await ask('name')).toBe(200)
  })
})
