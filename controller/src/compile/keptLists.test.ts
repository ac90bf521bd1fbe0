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

const publicly = { anyOf: [{ name: 'public', anonymous: {} }] }

const policy = (over: { readonly [name: string]: Json }): Json =>
  object('AccessPolicy', {
    targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'orders' }],
    authentication: publicly,
    authorization: { rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }] },
    ...over,
  })

const configMapRef = { name: 'listed' }

/** A list in a ConfigMap that a policy names. */
interface Kind {
  /** Of the policy that names it. */
  readonly over: { readonly [name: string]: Json }
  /** Of the policy's resource, like the resource that it becomes. */
  readonly field: 'revocations' | 'denyList'
  readonly resource: string
  /** Of the resource. */
  readonly entries: string
  readonly key: string
  /** What names an entry in the ConfigMap. */
  readonly member: string
  readonly invalid: string
}

const kinds: readonly (readonly [string, Kind])[] = [
  [
    'a list of revocations',
    {
      over: { authentication: { ...publicly, revocations: { configMapRef } } },
      field: 'revocations',
      resource: 'revocations/shop/revocations/listed/revocations.json',
      entries: 'entries',
      key: 'revocations.json',
      member: 'jti',
      invalid: 'InvalidRevocations',
    },
  ],
  [
    'a deny list',
    {
      over: { denyList: { configMapRef } },
      field: 'denyList',
      resource: 'denyList/shop/denied/listed/denied.json',
      entries: 'callers',
      key: 'denied.json',
      member: 'subject',
      invalid: 'InvalidDenyList',
    },
  ],
]

/** A controller that sees one world after another. */
function controller({ field, resource, entries: name }: Kind) {
  const compiler = createCompiler({ namespace: 'gatehouse-system', name: 'edge' })
  const resources = new Map<string, NextCompilation['set'][number]>()
  return (...documents: Json[]) => {
    const { set, removed, verdicts } = compiler.compile(worldOf([gatehouse, route, ...documents], 'Equal'), options)
    for (const key of removed) resources.delete(key)
    for (const one of set) resources.set(`${one.kind}/${one.name}`, one)
    const entries = resources.get(resource)?.spec[name]
    const findings = verdicts.find(({ kind }) => kind === 'AccessPolicy')!.parents.flatMap((parent) => parent.findings)
    return {
      ids: entries === undefined ? null : (entries as { value: string }[]).map(({ value }) => value),
      broken: (resources.get('policy/shop/orders')?.spec[field] as { broken: boolean } | null)?.broken,
      reason: findings.find(({ type }) => type === 'ResolvedRefs')?.reason,
    }
  }
}

const good = (...ids: string[]) => ({ ids, broken: false, reason: 'ResolvedRefs' })
const closed = (reason: string) => ({ ids: null, broken: true, reason })

describe.each(kinds)('%s of a policy', (_name, kind) => {
  const naming = policy(kind.over)
  const configMap = (list: string | null): Json => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'listed', namespace: 'shop' },
    data: list === null ? {} : { [kind.key]: list },
  })
  const listOf = (...ids: string[]): string => JSON.stringify(ids.map((id) => ({ issuer: 'i', [kind.member]: id })))

  it('follows its ConfigMap', () => {
    const see = controller(kind)
    expect(see(naming, configMap(listOf('a')))).toEqual(good('a'))
    expect(see(naming, configMap(listOf('a', 'b')))).toEqual(good('a', 'b'))
    expect(see(naming, configMap('[]'))).toEqual(good())
  })

  it.each<[string, Json[], string]>([
    ['cannot be read', [configMap(`[{"issuer":"i","${kind.member}s":"b"}]`)], kind.invalid],
    ['has lost its key', [configMap(null)], 'RefNotFound'],
    ['is gone', [], 'RefNotFound'],
  ])('that %s lets nobody in again', (_case, documents, reason) => {
    const see = controller(kind)
    see(naming, configMap(listOf('a')))
    const kept = { ids: ['a'], broken: false, reason }
    expect(see(naming, ...documents)).toEqual(kept)
    expect(
      see(naming, ...documents, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'shop' } }),
    ).toEqual(kept)
    expect(see(naming, configMap(listOf('b')))).toEqual(good('b'))
  })

  it.each<[string, Json[], string]>([
    ['could never be read', [configMap('[')], kind.invalid],
    ['never was there', [], 'RefNotFound'],
  ])('that %s lets nobody in at all', (_case, documents, reason) => {
    const see = controller(kind)
    expect(see(naming, ...documents)).toEqual(closed(reason))
    expect(see(naming, configMap(listOf('a')))).toEqual(good('a'))
  })

  it('is forgotten when no policy names it any more', () => {
    const see = controller(kind)
    see(naming, configMap(listOf('a')))
    expect(see(policy({}), configMap('['))).toMatchObject({ ids: null, reason: 'ResolvedRefs' })
    expect(see(naming, configMap('['))).toEqual(closed(kind.invalid))
  })
})
