import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { describe, expect, it } from 'vitest'
import { createIssuer } from '../support/issuer.ts'
import { everything, received, toEcho, useFixture, type Fixture } from './fixture.ts'
import { manifests } from './manifests.ts'
import { hostAddress } from './network.ts'

const { route, policy, anyone, configMap } = manifests

const fixture = useFixture()
const ask: Fixture['ask'] = (...args) => fixture().ask(...args)
const until: Fixture['until'] = (...args) => fixture().until(...args)
const apply: Fixture['apply'] = (...args) => fixture().apply(...args)

/**
 * Milliseconds. What is promised is a second; a machine that also runs everything else may take longer.
 */
const soon = 3000

const bearer = (token: string): readonly string[] => ['--header', `Authorization: Bearer ${token}`]

const jwt = (over: object = {}): object => ({
  issuer: 'https://idp.example',
  audiences: ['shop'],
  algorithms: ['RS256'],
  jwks: { inline: fixture().issuer.jwks },
  map: { roles: ['roles'], scopes: ['scope'], tenant: ['tid'] },
  ...over,
})

const staff = (over: object = {}): object => ({
  anyOf: [{ name: 'staff', asserts: { roles: ['*'], tenants: ['*'] }, jwt: jwt(over) }],
})

const authenticated = {
  rules: [{ name: 'known', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Authenticated' }] }],
}

const token = (claims: { readonly [name: string]: string | string[] } = {}): Promise<string> =>
  fixture().issuer.sign({ sub: 'alice', aud: 'shop', ...claims })

describe('access', () => {
  it('refuses a route without a policy, and one that loses its policy', async () => {
    await apply([route('bare', everything())], 'bare', { unprotected: true })
    await fixture().installation.wait('gatewayroute/bare', 'Protected', 'False')
    expect(await ask('bare.shop.example/')).toMatchObject({ status: 403, code: 'no-policy' })
    await fixture().installation.apply([policy('bare', anyone)])
    await fixture().installation.wait('gatewayroute/bare', 'Protected')
    await until('bare.shop.example/', 200)
    await fixture().installation.api.kubectl(['-n', 'shop', 'delete', 'accesspolicy', 'bare'])
    await until('bare.shop.example/', 403)
  })

  it('verifies tokens and tells the backend who calls', async () => {
    const forward = {
      identityHeaders: [
        { name: 'x-gatehouse-subject', from: 'Subject' },
        { name: 'x-gatehouse-tenant', from: 'Tenant' },
      ],
    }
    const spec = { authentication: staff(), authorization: authenticated, forward }
    await apply([route('jwt', everything()), policy('jwt', spec)], 'jwt')
    expect(await ask('jwt.shop.example/')).toMatchObject({ status: 401, code: 'unauthenticated' })
    const spoofed = ['--header', 'X-Gatehouse-Subject: root', '--header', 'x_gatehouse_tenant: theirs']
    const { headers } = received(await ask('jwt.shop.example/', ...bearer(await token({ tid: 'acme' })), ...spoofed))
    expect(headers.get('x-gatehouse-subject')).toBe('alice')
    expect(headers.get('x-gatehouse-tenant')).toBe('acme')
    expect(headers.has('x_gatehouse_tenant')).toBe(false)
    expect(headers.has('authorization')).toBe(false)
    const forged = await (await createIssuer({ issuer: 'https://idp.example' })).sign({ sub: 'alice', aud: 'shop' })
    expect((await ask('jwt.shop.example/', ...bearer(forged))).status).toBe(401)
    const stale = await fixture().issuer.sign({ sub: 'alice', aud: 'shop', exp: Math.floor(Date.now() / 1000) - 60 })
    expect((await ask('jwt.shop.example/', ...bearer(stale))).status).toBe(401)
  })

  it('reads keys from a ConfigMap, and drops a removed key at once', async () => {
    const keys = (text: string) => configMap('shop', 'keys', { 'jwks.json': text })
    const spec = { authentication: staff({ jwks: { configMapRef: { name: 'keys' } } }), authorization: authenticated }
    await apply([keys(fixture().issuer.jwks), route('keyed', everything()), policy('keyed', spec)], 'keyed')
    const known = bearer(await token())
    expect((await ask('keyed.shop.example/', ...known)).status).toBe(200)
    await fixture().installation.apply([keys((await createIssuer({ kid: 'key-2' })).jwks)])
    await until('keyed.shop.example/', 401, ...known)
  })

  it('fetches keys from a private host that the Gatehouse allows, over TLS', async () => {
    const leaf = await fixture().installation.authority.leaf({ commonName: 'idp', addresses: [hostAddress] })
    let fetches = 0
    const server = createServer({ cert: leaf.certificate, key: leaf.privateKey }, (_request, response) => {
      fetches++
      response.setHeader('content-type', 'application/json').end(fixture().issuer.jwks)
    })
    await new Promise<void>((resolve) => server.listen(9443, hostAddress, resolve))
    try {
      const uri = `https://${hostAddress}:9443/jwks`
      const spec = { authentication: staff({ jwks: { uri } }), authorization: authenticated }
      await apply([route('fetched', everything()), policy('fetched', spec)], 'fetched')
      expect((await ask('fetched.shop.example/', ...bearer(await token()))).status).toBe(200)
      expect((await ask('fetched.shop.example/', ...bearer(await token({ sub: 'bob' })))).status).toBe(200)
      expect(fetches).toBe(3)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('denies an address and a caller within moments of an edit, and no longer than the list says', async () => {
    const list = (...entries: object[]) => configMap('shop', 'denied', { 'denied.json': JSON.stringify(entries) })
    const spec = {
      authentication: staff(),
      authorization: authenticated,
      denyList: { configMapRef: { name: 'denied' } },
    }
    await apply([list(), route('denying', everything()), policy('denying', spec)], 'denying')
    const [alice, bob] = [bearer(await token()), bearer(await token({ sub: 'bob' }))]
    const acts = async (status: number, ...entries: object[]): Promise<number> => {
      await fixture().installation.apply([list(...entries)])
      const stored = performance.now()
      await until('denying.shop.example/', status, ...alice)
      return performance.now() - stored
    }
    await until('denying.shop.example/', 200, ...alice)
    expect(await acts(403, { issuer: 'https://idp.example', subject: 'alice' })).toBeLessThan(soon)
    expect(await ask('denying.shop.example/', ...alice)).toMatchObject({ status: 403, code: 'denied' })
    expect(await ask('denying.shop.example/', ...bob)).toMatchObject({ status: 200 })
    expect(await acts(200)).toBeLessThan(soon)
    expect(await acts(403, { ip: '0.0.0.0/0' })).toBeLessThan(soon)
    expect(await ask('denying.shop.example/')).toMatchObject({ status: 403, code: 'denied' })
  })

  it('knows API keys by their hash, and forgets a removed one at once', async () => {
    const secret = (clients: { readonly [id: string]: object }) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'gatehouse.dev/api-keys',
      metadata: { name: 'partners', namespace: 'shop', labels: { 'gatehouse.dev/api-keys': 'partners' } },
      stringData: Object.fromEntries(Object.entries(clients).map(([id, entry]) => [id, JSON.stringify(entry)])),
    })
    const key = 'k-5b0a2f0e6f0a4a0c8a40c6a7d3f1e9b7'
    const keyHash = `sha256:${createHash('sha256').update(key).digest('hex')}`
    const apiKey = {
      from: [{ header: 'x-api-key' }],
      secretSelector: { matchLabels: { 'gatehouse.dev/api-keys': 'partners' } },
    }
    const spec = { authentication: { anyOf: [{ name: 'partners', apiKey }] }, authorization: authenticated }
    await apply([secret({ acme: { keyHash } }), route('keys', everything()), policy('keys', spec)], 'keys')
    const known = ['--header', `X-Api-Key: ${key}`]
    expect(received(await ask('keys.shop.example/', ...known)).headers.has('x-api-key')).toBe(false)
    expect((await ask('keys.shop.example/', '--header', 'X-Api-Key: wrong')).status).toBe(401)
    await fixture().installation.api.kubectl(['-n', 'shop', 'delete', 'secret', 'partners'])
    await until('keys.shop.example/', 401, ...known)
  })

  it('knows workloads by their certificate', async () => {
    const uri = 'spiffe://cluster.local/ns/shop/sa/billing'
    const mtls = { subjectAltNames: [{ type: 'URI', pattern: 'spiffe://cluster.local/ns/shop/sa/*' }] }
    const spec = { authentication: { anyOf: [{ name: 'workloads', mtls }] }, authorization: authenticated }
    await apply([route('mtls', everything()), policy('mtls', spec)], 'mtls')
    const certificate = async (name: string, uris: readonly string[]): Promise<readonly string[]> => {
      const leaf = await fixture().installation.authority.leaf({ commonName: name, uris, usages: ['clientAuth'] })
      await writeFile(fixture().path(`${name}.crt`), leaf.certificate)
      await writeFile(fixture().path(`${name}.key`), leaf.privateKey)
      return ['--cert', fixture().path(`${name}.crt`), '--key', fixture().path(`${name}.key`)]
    }
    expect((await ask('mtls.shop.example/')).status).toBe(401)
    expect((await ask('mtls.shop.example/', ...(await certificate('billing', [uri])))).status).toBe(200)
    const elsewhere = await certificate('elsewhere', ['spiffe://cluster.local/ns/other/sa/billing'])
    expect((await ask('mtls.shop.example/', ...elsewhere)).status).toBe(401)
  })

  it('decides by role, tenant and rule', async () => {
    const rules = [
      { name: 'no-deletes', action: 'Deny', methods: ['DELETE'] },
      { name: 'tenant', action: 'Require', principal: [{ attribute: 'Tenant', anyOf: ['acme'] }] },
      { name: 'read', action: 'Allow', methods: ['GET'], principal: [{ attribute: 'Authenticated' }] },
      { name: 'write', action: 'Allow', methods: ['POST'], principal: [{ attribute: 'Role', anyOf: ['admin'] }] },
    ]
    const spec = { authentication: staff(), authorization: { rules } }
    await apply([route('rules', everything()), policy('rules', spec)], 'rules')
    const reader = bearer(await token({ tid: 'acme' }))
    const admin = bearer(await token({ tid: 'acme', roles: ['admin'] }))
    const status = async (caller: readonly string[], method: string) =>
      (await ask('rules.shop.example/', '--request', method, ...caller)).status
    expect(await status(reader, 'GET')).toBe(200)
    expect(await status(reader, 'POST')).toBe(403)
    expect(await status(admin, 'POST')).toBe(200)
    expect(await status(admin, 'DELETE')).toBe(403)
    expect(await status(bearer(await token({ tid: 'other' })), 'GET')).toBe(403)
  })

  it('lets a policy of one rule add to that of its route', async () => {
    const rules = [
      { name: 'open', matches: [{ path: { type: 'PathPrefix', value: '/open' } }], backendRefs: toEcho },
      { name: 'closed', matches: [{ path: { type: 'PathPrefix', value: '/closed' } }], backendRefs: toEcho },
    ]
    const documents = [
      route('levels', rules),
      policy('levels', { authentication: staff(), authorization: authenticated }),
      policy('levels', anyone, 'open'),
    ]
    await apply(documents, 'levels')
    expect((await ask('levels.shop.example/open')).status).toBe(200)
    expect((await ask('levels.shop.example/closed')).status).toBe(401)
  })
})
