import { compile, worldOf } from '@gatehouse/controller'
import type { Json } from '@gatehouse/crds'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { admit } from './admission/admit.ts'
import { adviceFor, openRoutes, protectingPolicy, publicPolicy, type OpenRoute } from './advice.ts'

const documents = `[
  {apiVersion: gatehouse.dev/v1alpha1, kind: Gatehouse, metadata: {name: dev, namespace: dev}, spec: {tenancy: Single, listeners: [
    {name: http, port: 80, protocol: HTTP, default: true, plaintextCredentials: Allow, allowedRoutes: {namespaces: {from: All}}}]}},
  {apiVersion: gatehouse.dev/v1alpha1, kind: GatewayRoute, metadata: {name: orders, namespace: shop}, spec: {hostnames: [a.example], rules: [
    {name: read, backendRefs: [{name: orders, port: 80}]}, {name: write, backendRefs: [{name: orders, port: 80}]}]}},
]`

function admitted(document: unknown): Json {
  const admission = admit(document)
  if (!admission.ok) throw new Error(JSON.stringify(admission.errors))
  return admission.object as unknown as Json
}

const compiled = (...policies: readonly string[]) => {
  const all = [...(parse(documents) as unknown[]), ...policies.map((text) => parse(text) as unknown)].map(admitted)
  const options = {
    address: '127.0.0.1',
    listen: { HTTP: null, HTTPS: null },
    upstreams: new Map(),
    deniedAddresses: [],
    folder: true,
  }
  return compile(worldOf(all, 'Equal'), { namespace: 'dev', name: 'dev' }, options)
}

const whole: OpenRoute = { namespace: 'shop', name: 'orders', rules: null }
const one: OpenRoute = { ...whole, rules: ['write'] }

describe('advice', () => {
  it('names a route, and the rules of it, that have no policy', () => {
    expect(openRoutes(compiled())).toMatchObject([whole])
    expect(openRoutes(compiled(publicPolicy({ ...whole, rules: ['read'] })))).toMatchObject([one])
  })

  it.each([
    ['protects', protectingPolicy],
    ['opens', publicPolicy],
  ])('%s what it says, and would be taken by the API server', (_, policy) => {
    expect(openRoutes(compiled(policy(whole)))).toEqual([])
    expect(openRoutes(compiled(policy({ ...whole, rules: ['read'] })))).toMatchObject([one])
    expect(openRoutes(compiled(policy({ ...whole, rules: ['read', 'write'] })))).toEqual([])
  })

  it('shows both, under a name that is free', () => {
    const text = adviceFor(one, { isTaken: (name) => name === 'orders', isTargeted: false })
    expect(text).toContain('GatewayRoute shop/orders, rule write, has no policy')
    expect(text.match(/metadata: .*/g)).toEqual(Array(2).fill('metadata: {name: orders-2, namespace: shop}'))
  })
})
