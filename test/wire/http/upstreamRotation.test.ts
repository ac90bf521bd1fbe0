import type { Resource } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAuthority, type Authority, type Leaf } from '../../support/authority.ts'
import { clientPool, type ClientPool } from '../../support/clientPool.ts'
import { startGateway, type GatewayHarness } from '../../support/gateway.ts'
import { openRaw } from '../../support/raw.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../../support/resources.ts'
import { startTlsBackend, type TlsBackend } from '../../support/tlsBackend.ts'

const tls = { hostname: 'orders.internal', trust: 'shop/ca', subjectAltNames: [], clientCertificate: 'shop/gateway' }

describe.each(['HTTP1', 'HTTP2'] as const)('rotation towards an upstream over %s', (protocol) => {
  let servers: Authority
  let clients: Authority
  let leaf: Leaf
  let backend: TlsBackend
  let gateway: GatewayHarness
  let pool: ClientPool
  const held: (() => void)[] = []

  beforeEach(async () => {
    servers = await createAuthority('servers')
    clients = await createAuthority('clients')
    leaf = await servers.leaf({ dnsNames: ['orders.internal'] })
    backend = await startTlsBackend({
      leaf,
      protocol,
      tls: { requestCert: true, rejectUnauthorized: true, ca: clients.certificate },
      respond: (request, response) => {
        if (request.url === '/held') held.push(() => response.end('held'))
        else response.end('ok')
      },
    })
    gateway = await startGateway(resources(await client('first'), [servers]))
    pool = clientPool(gateway.target(), 4)
  })
  afterEach(async () => {
    pool.close()
    await gateway.close()
    await backend.close()
  })

  const client = (commonName: string): Promise<Leaf> => clients.leaf({ commonName, usages: ['clientAuth'] })

  const resources = ({ certificate, privateKey }: Leaf, trusted: readonly Authority[]): Resource[] => [
    installationResource(),
    listenerResource(),
    policyResource(),
    { kind: 'trust', name: 'shop/ca', spec: { anchors: trusted.map((one) => one.certificate) } },
    { kind: 'certificate', name: 'shop/gateway', spec: { chain: certificate, privateKey } },
    ...upstreamResources('orders', [backend], { protocol, tls, authority: 'orders.internal' }),
    routeResource([ruleTo('orders')]),
  ]

  const get = async (): Promise<number> => (await pool.get('/', { host: 'api.shop.example' })).status

  it('lets running requests finish, loses none, and shows the new certificate from then on', async () => {
    const running = await openRaw(gateway.target())
    await running.send('GET /held HTTP/1.1\r\nHost: api.shop.example\r\n\r\n')
    await expect.poll(() => held.length).toBe(1)
    const statuses: number[] = []
    let on = true
    const load = Array.from({ length: 4 }, async () => {
      while (on) statuses.push(await get())
    })
    for (const name of ['second', 'third', 'fourth']) {
      const before = statuses.length
      await gateway.apply(resources(await client(name), [servers]))
      await expect.poll(() => statuses.length).toBeGreaterThan(before + 20)
      expect(await get()).toBe(200)
      const last = backend.requests.at(-1)
      expect(last?.client).toBe(name)
    }
    on = false
    await Promise.all(load)
    expect(new Set(statuses)).toEqual(new Set([200]))
    held.splice(0).forEach((finish) => finish())
    expect((await running.read(1)).responses[0]?.body.toString()).toBe('held')
    running.close()
    expect(backend.requests.find(({ target }) => target === '/held')?.client).toBe('first')
  })

  it('believes a server no longer whose authority has gone, and the new one at once', async () => {
    expect(await get()).toBe(200)
    const other = await createAuthority('others')
    const mine = await client('first')
    await gateway.apply(resources(mine, [other]))
    const seen = backend.requests.length
    expect(await get()).toBe(502)
    expect(backend.requests).toHaveLength(seen)
    await gateway.apply(resources(mine, [other, servers]))
    expect(await get()).toBe(200)
  })

  it('sends nothing where the certificate to show is gone', async () => {
    expect(await get()).toBe(200)
    const without = resources(await client('first'), [servers]).filter(({ kind }) => kind !== 'certificate')
    const { refused } = await gateway.apply(without)
    expect(refused).toEqual([
      { resource: 'upstream/shop/orders:80', field: '/tls/clientCertificate', reason: 'MissingReference' },
    ])
    expect(await get()).toBe(500)
  })
})
