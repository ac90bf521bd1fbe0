import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { createCompiler } from './compiler.ts'
import type { NextCompilation } from './verdict.ts'
import { worldOf } from './worldOf.ts'

const options = {
  address: '0.0.0.0',
  listen: { HTTP: null, HTTPS: null },
  upstreams: new Map(),
  deniedAddresses: [],
  folder: false,
}

const gatehouse: Json = {
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'Gatehouse',
  metadata: { name: 'edge', namespace: 'gatehouse-system' },
  spec: {
    tenancy: 'Single',
    listeners: [
      {
        name: 'http',
        port: 8080,
        protocol: 'HTTP',
        default: true,
        plaintextCredentials: 'Allow',
        allowedRoutes: { namespaces: { from: 'All' } },
      },
    ],
  },
}

const object = (kind: string, spec: Json): Json => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { name: 'orders', namespace: 'shop' },
  spec,
})

const route = object('GatewayRoute', {
  hostnames: ['api.shop.example'],
  rules: [{ name: 'orders', backendRefs: [{ name: 'orders', port: 80 }] }],
})

const policy = (over: { readonly [name: string]: Json }): Json =>
  object('AccessPolicy', {
    targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'orders' }],
    authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
    ...over,
    authorization: { rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }] },
  })

const denying = policy({ denyList: { configMapRef: { name: 'denied' } } })

const configMap = (list: string | null): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'denied', namespace: 'shop' },
  data: list === null ? {} : { 'denied.json': list },
})

const listOf = (...ids: string[]): string => JSON.stringify(ids.map((subject) => ({ issuer: 'i', subject })))

/** A controller that sees one world after another. */
function controller() {
  const compiler = createCompiler({ namespace: 'gatehouse-system', name: 'edge' })
  const resources = new Map<string, NextCompilation['set'][number]>()
  return (...documents: Json[]) => {
    const { set, removed, verdicts } = compiler.compile(worldOf([gatehouse, route, ...documents], 'Equal'), options)
    for (const key of removed) resources.delete(key)
    for (const one of set) resources.set(`${one.kind}/${one.name}`, one)
    const entries = resources.get('denyList/shop/denied/denied/denied.json')?.spec['callers']
    const findings = verdicts.find(({ kind }) => kind === 'AccessPolicy')!.parents.flatMap((parent) => parent.findings)
    return {
      ids: entries === undefined ? null : (entries as { value: string }[]).map(({ value }) => value),
      broken: (resources.get('policy/shop/orders')?.spec['denyList'] as { broken: boolean } | null)?.broken,
      reason: findings.find(({ type }) => type === 'ResolvedRefs')?.reason,
    }
  }
}

const good = (...ids: string[]) => ({ ids, broken: false, reason: 'ResolvedRefs' })
const closed = (reason: string) => ({ ids: null, broken: true, reason })

describe('a deny list of a policy', () => {
  it('follows its ConfigMap', () => {
    const see = controller()
    expect(see(denying, configMap(listOf('a')))).toEqual(good('a'))
    expect(see(denying, configMap(listOf('a', 'b')))).toEqual(good('a', 'b'))
    expect(see(denying, configMap('[]'))).toEqual(good())
  })

  it.each<[string, Json[], string]>([
    ['cannot be read', [configMap('[{"issuer":"i","subjct":"b"}]')], 'InvalidDenyList'],
    ['has lost its key', [configMap(null)], 'RefNotFound'],
    ['is gone', [], 'RefNotFound'],
  ])('that %s lets nobody in again', (_name, documents, reason) => {
    const see = controller()
    see(denying, configMap(listOf('a')))
    const kept = { ids: ['a'], broken: false, reason }
    expect(see(denying, ...documents)).toEqual(kept)
    expect(
      see(denying, ...documents, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'shop' } }),
    ).toEqual(kept)
    expect(see(denying, configMap(listOf('b')))).toEqual(good('b'))
  })

  it.each<[string, Json[], string]>([
    ['could never be read', [configMap('[')], 'InvalidDenyList'],
    ['never was there', [], 'RefNotFound'],
  ])('that %s lets nobody in at all', (_name, documents, reason) => {
    const see = controller()
    expect(see(denying, ...documents)).toEqual(closed(reason))
    expect(see(denying, configMap(listOf('a')))).toEqual(good('a'))
  })

  it('is forgotten when no policy names it any more', () => {
    const see = controller()
    see(denying, configMap(listOf('a')))
    expect(see(policy({}), configMap('['))).toMatchObject({ ids: null, reason: 'ResolvedRefs' })
    expect(see(denying, configMap('['))).toEqual(closed('InvalidDenyList'))
  })
})
