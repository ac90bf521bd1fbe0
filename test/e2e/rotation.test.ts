import { createHash, X509Certificate } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ConnectionOptions } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, type Leaf } from '../support/authority.ts'
import { createIssuer } from '../support/issuer.ts'
import { everything, useFixture } from './fixture.ts'
import { downloadEnd, hold, streaming, type Held } from './held.ts'
import { manifests, secretOf } from './manifests.ts'

const { route, policy, anyone, configMap } = manifests

/** Milliseconds from the return of kubectl until the slowest data plane acts by what it was told. */
const limit = 1000

const fixture = useFixture()
const held: Held[] = []
let endDownloads = (): void => {}
beforeAll(() => {
  endDownloads = streaming(fixture().backend)
})
afterEach(() => {
  for (const connection of held.splice(0)) connection.close()
})

const trusting = (): ConnectionOptions => ({ ca: fixture().installation.authority.certificate })
const presenting = ({ certificate: cert, privateKey: key }: Leaf): ConnectionOptions => ({ cert, key })

async function connect(address: string, host: string, tls: ConnectionOptions = {}): Promise<Held> {
  const connection = await hold(address, { servername: host, ...trusting(), ...tls })
  held.push(connection)
  return connection
}

const onEach = <T>(act: (address: string) => Promise<T>): Promise<T[]> =>
  Promise.all(fixture().installation.addresses.map(act))

/** Asks on a new connection. */
async function status(address: string, host: string, tls: ConnectionOptions, ...headers: string[]): Promise<number> {
  const connection = await connect(address, host, tls)
  const answer = await connection.ask(host, '/', ...headers)
  connection.close()
  return answer.status
}

/** Applies as a user would. @returns milliseconds from then until the condition holds on the slowest data plane */
async function effect(documents: readonly object[], holds: (address: string) => Promise<boolean>): Promise<number> {
  await fixture().installation.apply(documents)
  const applied = performance.now()
  await onEach(async (address) => {
    while (!(await holds(address))) await pause(10)
  })
  return performance.now() - applied
}

/** A kept connection and a running download on each data plane. */
async function crossing(host: string, tls: ConnectionOptions = {}, ...headers: string[]) {
  const kept = await onEach((address) => connect(address, host, tls))
  const loading = await onEach(async (address) => (await connect(address, host, tls)).download(host, ...headers))
  const statuses = (...others: string[]): Promise<number[]> =>
    Promise.all(kept.map(async (connection) => (await connection.ask(host, '/', ...others)).status))
  expect(await statuses(...headers)).toEqual([200, 200, 200])
  return {
    kept,
    statuses,
    /** Ends the downloads, and expects each of them whole. */
    arrive: async (): Promise<void> => {
      endDownloads()
      for (const { whole } of loading) {
        const { status: answered, complete, body } = await whole
        expect([answered, complete, body.toString().endsWith(downloadEnd)]).toEqual([200, true, true])
      }
    },
  }
}

const authenticated = {
  rules: [{ name: 'known', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Authenticated' }] }],
}

describe('within a second, and without cutting a connection', () => {
  it('new connections get the new certificate of a listener', async () => {
    const host = 'certified.shop.example'
    await fixture().apply([route('certified', everything()), policy('certified', anyone)], 'certified')
    const { statuses, arrive } = await crossing(host)
    const leaf = await fixture().installation.authority.leaf({ commonName: 'next', dnsNames: ['*.shop.example'] })
    const { fingerprint256 } = new X509Certificate(leaf.certificate)
    const took = await effect([secretOf('kubernetes.io/tls', 'shop-tls', leaf)], async (address) => {
      const connection = await connect(address, host)
      const presented = connection.socket.getPeerCertificate().fingerprint256
      connection.close()
      return presented === fingerprint256
    })
    expect(took).toBeLessThan(limit)
    expect(await statuses()).toEqual([200, 200, 200])
    await arrive()
  })

  it('another client CA is trusted, and an old one no longer, nor resumed', async () => {
    const host = 'vouched.shop.example'
    const { authority } = fixture().installation
    const next = await createAuthority('Next client root')
    const named = { uris: ['spiffe://cluster.local/ns/shop/sa/billing'], usages: ['clientAuth'] } as const
    const [old, young] = [presenting(await authority.leaf(named)), presenting(await next.leaf(named))]
    const mtls = { subjectAltNames: [{ type: 'URI', pattern: 'spiffe://cluster.local/ns/shop/sa/*' }] }
    const spec = { authentication: { anyOf: [{ name: 'workloads', mtls }] }, authorization: authenticated }
    await fixture().apply([route('vouched', everything()), policy('vouched', spec)], 'vouched')
    const { kept, statuses, arrive } = await crossing(host, old)
    const early = await onEach((address) => connect(address, host, young))
    for (const connection of early) expect((await connection.ask(host)).status).toBe(401)

    const trusts = (...authorities: string[]) => [
      configMap('gatehouse-system', 'client-ca', { 'ca.crt': authorities.join('\n') }),
    ]
    const added = await effect(trusts(authority.certificate, next.certificate), async (address) => {
      return (await status(address, host, young)) === 200
    })
    expect(added).toBeLessThan(limit)
    expect(await statuses()).toEqual([200, 200, 200])
    for (const connection of early) {
      const { status: refused, headers } = await connection.ask(host)
      expect([refused, headers.get('connection')]).toEqual([401, ['close']])
    }

    const sessions = kept.map(({ socket }) => socket.getSession())
    const removed = await effect(trusts(next.certificate), async (address) => {
      return (await status(address, host, old)) === 401
    })
    expect(removed).toBeLessThan(limit)
    expect(await statuses()).toEqual([421, 421, 421])
    await Promise.all(kept.map(({ ended }) => ended))
    await onEach(async (address) => {
      const session = sessions[fixture().installation.addresses.indexOf(address)]
      const resuming = await connect(address, host, { ...old, ...(session && { session }) })
      expect(resuming.socket.isSessionReused()).toBe(false)
      expect((await resuming.ask(host)).status).toBe(401)
    })
    await arrive()
    await fixture().installation.apply(trusts(authority.certificate))
  })

  it('the keys in a ConfigMap change', async () => {
    const host = 'signed.shop.example'
    const keys = (jwks: string) => configMap('shop', 'rotating', { 'jwks.json': jwks })
    const [old, young] = [await createIssuer({ kid: 'old' }), await createIssuer({ kid: 'young' })]
    const bearer = async (issuer: typeof old): Promise<string> =>
      `Authorization: Bearer ${await issuer.sign({ sub: 'alice', aud: 'shop' })}`
    const [before, after] = [await bearer(old), await bearer(young)]
    const jwt = {
      issuer: old.issuer,
      audiences: ['shop'],
      algorithms: ['RS256'],
      jwks: { configMapRef: { name: 'rotating' } },
    }
    const spec = { authentication: { anyOf: [{ name: 'staff', jwt }] }, authorization: authenticated }
    await fixture().apply([keys(old.jwks), route('signed', everything()), policy('signed', spec)], 'signed')
    const { statuses, arrive } = await crossing(host, {}, before)
    expect(await statuses(after)).toEqual([401, 401, 401])
    const took = await effect([keys(young.jwks)], async (address) => (await status(address, host, {}, after)) === 200)
    expect(took).toBeLessThan(limit)
    expect(await statuses(before)).toEqual([401, 401, 401])
    expect(await statuses(after)).toEqual([200, 200, 200])
    await arrive()
  })

  it('the API keys in a Secret change', async () => {
    const host = 'keyed.shop.example'
    const [old, young] = ['k-8d0c3d5e7f914bb2a9b4', 'k-17be5a5d0f6a4d3c8e21']
    const hashed = (key: string) => ({ keyHash: `sha256:${createHash('sha256').update(key).digest('hex')}` })
    const secret = (key: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'gatehouse.dev/api-keys',
      metadata: { name: 'rotating', namespace: 'shop', labels: { 'gatehouse.dev/api-keys': 'rotating' } },
      stringData: { acme: JSON.stringify(hashed(key)) },
    })
    const apiKey = {
      from: [{ header: 'x-api-key' }],
      secretSelector: { matchLabels: { 'gatehouse.dev/api-keys': 'rotating' } },
    }
    const spec = { authentication: { anyOf: [{ name: 'partners', apiKey }] }, authorization: authenticated }
    await fixture().apply([secret(old), route('keyed', everything()), policy('keyed', spec)], 'keyed')
    const [before, after] = [`X-Api-Key: ${old}`, `X-Api-Key: ${young}`]
    const { statuses, arrive } = await crossing(host, {}, before)
    expect(await statuses(after)).toEqual([401, 401, 401])
    const took = await effect([secret(young)], async (address) => (await status(address, host, {}, after)) === 200)
    expect(took).toBeLessThan(limit)
    expect(await statuses(before)).toEqual([401, 401, 401])
    expect(await statuses(after)).toEqual([200, 200, 200])
    await arrive()
  })
})
