import { afterEach, describe, expect, it } from 'vitest'
import { startBackend } from '../support/backend.ts'
import { compiled } from '../support/compiled.ts'
import { startGateway, type GatewayHarness } from '../support/gateway.ts'
import { createIssuer, startJwksServer } from '../support/issuer.ts'
import { sendRaw } from '../support/raw.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const documents = (jwksPort: number): string => `
apiVersion: gatehouse.dev/v1alpha1
kind: Gatehouse
metadata: {name: edge, namespace: gatehouse-system}
spec:
  listeners:
  - {name: http, port: 8080, protocol: HTTP, default: true, plaintextCredentials: Allow, allowedRoutes: {namespaces: {from: All}}}
  tenancy: Single
  outbound:
    allowLoopback: true
    allowedHosts: [{host: 127.0.0.1, port: ${jwksPort}, namespaces: [shop], addresses: Private}]
  identityHeaders: [x-gatehouse-subject, x-gatehouse-tenant]
---
apiVersion: gatehouse.dev/v1alpha1
kind: GatewayRoute
metadata: {name: orders, namespace: shop}
spec:
  hostnames: [api.shop.example]
  rules:
  - name: orders
    matches: [{path: {type: PathPrefix, value: /orders}}]
    backendRefs: [{name: orders, port: 80, weight: 1}]
  - name: unprotected
    matches: [{path: {type: PathPrefix, value: /open}}]
    backendRefs: [{name: orders, port: 80, weight: 1}]
---
apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: orders, namespace: shop}
spec:
  targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: orders, sectionName: orders}]
  authentication:
    anyOf:
    - name: staff
      asserts: {tenants: [acme], roles: ["*"]}
      jwt:
        issuer: https://idp.example
        audiences: [orders]
        algorithms: [ES256]
        jwks: {uri: "http://127.0.0.1:${jwksPort}/jwks"}
        map: {roles: [roles], tenant: [tid]}
  authorization:
    rules:
    - name: own-tenant
      action: Allow
      methods: [GET]
      principal: [{attribute: Tenant, anyOf: [acme]}]
  quotas:
  - {name: burst, keys: [{type: Principal}], algorithm: TokenBucket, scope: Replica, rates: [{limit: 1, window: 1h, burst: 3}]}
  forward:
    identityHeaders: [{name: x-gatehouse-subject, from: Subject}, {name: x-gatehouse-tenant, from: Tenant}]
`

const bearer = (token: string): string => `Authorization: Bearer ${token}\r\n`

async function ask(harness: GatewayHarness, path: string, headers = '', method = 'GET') {
  const request = `${method} ${path} HTTP/1.1\r\nHost: api.shop.example\r\n${headers}\r\n`
  const { responses } = await sendRaw(harness.target(), request, { responses: 1 })
  return responses[0]!
}

describe('the main job, from YAML to an enforced request', () => {
  it('compiles, pushes, serves and enforces', async () => {
    const issuer = await createIssuer({ algorithm: 'ES256' })
    const jwks = await startJwksServer(issuer.jwks)
    const backend = await startBackend()
    cleanups.push(jwks.close, backend.close)
    const { resources } = compiled(documents(Number(new URL(jwks.uri).port)), { upstreams: { 'shop/orders': backend } })
    const harness = await startGateway(resources)
    cleanups.push(harness.close)
    expect(harness.controller.states.all.at(-1)?.refused).toEqual([])
    const claims = { sub: 'ann', aud: 'orders', tid: 'acme', roles: ['reader'] }
    const good = bearer(await issuer.sign(claims))
    const spoofed = 'X-Gatehouse-Subject: root\r\n'

    const allowed = await ask(harness, '/orders/1', good + spoofed)
    expect(allowed.status).toBe(200)
    const seen = backend.requests[0]!.rawHeaders.map((item) => item.toLowerCase())
    expect(seen[seen.indexOf('x-gatehouse-subject') + 1]).toBe('ann')
    expect(seen[seen.indexOf('x-gatehouse-tenant') + 1]).toBe('acme')
    expect(seen).not.toContain('authorization')

    expect((await ask(harness, '/orders/1')).status).toBe(401)
    expect((await ask(harness, '/orders/1', bearer(await issuer.sign({ ...claims, exp: 1 })))).status).toBe(401)
    expect(
      (await ask(harness, '/orders/1', bearer(await issuer.sign({ ...claims, sub: 'bob', tid: 'other' })))).status,
    ).toBe(403)
    expect((await ask(harness, '/orders/1', good, 'DELETE')).status).toBe(403)
    expect((await ask(harness, '/open/1', good)).status).toBe(403)
    expect((await ask(harness, '/elsewhere', good)).status).toBe(404)
    // Two of the three tokens went to the request that was allowed and to the DELETE: a refusal refunds nothing.
    expect((await ask(harness, '/orders/1', good)).status).toBe(200)
    const limited = await ask(harness, '/orders/1', good)
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBeDefined()
    expect(backend.requests).toHaveLength(2)
    expect(jwks.fetches()).toBe(1)
    expect(harness.logs.text()).not.toContain(good.slice('Authorization: Bearer '.length).trim())
  })
})
