import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resourceKey, resourceSpecs, revisionOf, type Json, type ResourceKind } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { compile } from '../../controller/src/compile/compile.ts'
import { worldOf } from '../../controller/src/compile/worldOf.ts'
import type { World, WorldKind } from '../../controller/src/world.ts'
import type { Compilation } from '../../controller/src/compile/verdict.ts'
import { readCase } from './case.ts'

const root = import.meta.dirname
const inputs = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => readFileSync(join(root, name, 'in.yaml'), 'utf8'))
const { installation, options } = readCase(inputs[0]!)

type Document = { readonly [key: string]: Json }

const documentsOf = (text: string): readonly Document[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Document)

const compiled = (documents: readonly Json[]): Compilation =>
  compile(worldOf(documents, 'FromMetadata'), installation, options)

/** The first violation of the contract; data planes read strictly. */
const unreadable = ({ resources }: Compilation): string | undefined =>
  resources.find(({ kind, spec }) => !resourceSpecs[kind as ResourceKind].safeParse(spec).success)?.name

const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
const ownKind = fc.constantFrom('Gatehouse', 'GatewayRoute', 'AccessPolicy')
const coreKind = fc.constantFrom('Service', 'Secret', 'ConfigMap', 'EndpointSlice', 'Namespace')
const apiVersionOf = (kind: string): string =>
  kind === 'EndpointSlice'
    ? 'discovery.k8s.io/v1'
    : kind.startsWith('G') || kind[0] === 'A'
      ? 'gatehouse.dev/v1alpha1'
      : 'v1'

/** Every path into a document. */
const pathsIn = (value: Json, path: readonly string[] = []): (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? [path, ...Object.entries(value as Document).flatMap(([key, one]) => pathsIn(one, [...path, key]))]
    : [path]

function replaced(value: Json, path: readonly string[], by: Json): Json {
  const [head, ...rest] = path
  if (head === undefined) return by
  const one = replaced((value as Document)[head]!, rest, by)
  return Array.isArray(value) ? value.with(Number(head), one) : { ...(value as Document), [head]: one }
}

/** Documents of a case, one of them changed in one place to anything. */
const mutated = fc.constantFrom(...inputs.map(documentsOf)).chain((documents) =>
  fc.record({ at: fc.nat(documents.length - 1), place: fc.nat(), by: anyJson }).map(({ at, place, by }) => {
    const paths = pathsIn(documents[at]!)
    return { documents, at, object: replaced(documents[at]!, paths[place % paths.length]!, by) }
  }),
)

describe('compile', () => {
  it('gives equal results for equal worlds, in whatever order their objects came', () => {
    const shuffled = fc.constantFrom(...inputs.map(documentsOf)).chain((documents) =>
      fc.record({
        documents: fc.constant(documents),
        other: fc.shuffledSubarray([...documents], { minLength: documents.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({ documents, other }) => {
        const [one, two] = [compiled(documents), compiled(structuredClone(other))]
        expect(two).toEqual(one)
        expect(revisionOf(two.resources)).toBe(revisionOf(one.resources))
      }),
      { numRuns: 200 },
    )
  })

  it('gives sorted resources, each once', () => {
    for (const text of inputs) {
      const keys = compiled(documentsOf(text)).resources.map(resourceKey)
      expect(keys).toEqual([...new Set(keys)].toSorted())
    }
  })

  it('names in its verdicts only resources that there are, and no addresses, which nobody waits for', () => {
    for (const text of inputs) {
      const { resources, verdicts } = compiled(documentsOf(text))
      const keys = new Set(resources.map(resourceKey))
      const named = verdicts.flatMap((verdict) => verdict.resources)
      expect(named.filter((key) => !keys.has(key) || key.startsWith('endpoints/'))).toEqual([])
    }
  })

  it('never throws, whatever an object holds, and what it gives can be read', () => {
    const object = fc.record({
      kind: fc.oneof(ownKind, coreKind),
      name: fc.constantFrom('orders', 'edge', 'shop-tls', 'keys'),
      namespace: fc.constantFrom('shop', 'gatehouse-system'),
      labels: anyJson,
      rest: fc.dictionary(
        fc.constantFrom('spec', 'data', 'type', 'ports', 'endpoints', 'addressType', 'status'),
        anyJson,
      ),
    })
    const documents = fc.array(
      object.map(({ kind, name, namespace, labels, rest }): Document => {
        return { ...rest, kind, apiVersion: apiVersionOf(kind), metadata: { name, namespace, labels } }
      }),
    )
    const base = documentsOf(inputs[0]!)
    fc.assert(
      fc.property(documents, (some) => {
        expect(unreadable(compiled([...base, ...some]))).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('never throws when one place of a sound object is anything, and what it gives can be read', () => {
    fc.assert(
      fc.property(mutated, ({ documents, at, object }) => {
        expect(unreadable(compiled(documents.with(at, object as Document)))).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })
})

const one = readFileSync(join(root, 'jwt-policy', 'in.yaml'), 'utf8')
const sound = documentsOf(one)
const ofKind = (kind: string): number => sound.findIndex((document) => document['kind'] === kind)

/** Keys of the resources that are new or differ. */
const changedKeys = (before: Compilation, after: Compilation): readonly string[] => {
  const hashes = new Map(before.resources.map((resource) => [resourceKey(resource), resource.hash]))
  return after.resources
    .filter((resource) => hashes.get(resourceKey(resource)) !== resource.hash)
    .map((resource) => resourceKey(resource))
}

describe('a fault in one object', () => {
  it('in another namespace changes nothing here', () => {
    const before = compiled(sound)
    const own = before.resources.filter(({ name }) => name.startsWith('shop/'))
    const foreign = fc.record({ kind: fc.constantFrom('GatewayRoute', 'AccessPolicy'), spec: anyJson })
    fc.assert(
      fc.property(foreign, ({ kind, spec }) => {
        const evil: Document = {
          kind,
          apiVersion: 'gatehouse.dev/v1alpha1',
          metadata: { name: 'orders', namespace: 'evil' },
          spec,
        }
        expect(compiled([...sound, evil]).resources.filter(({ name }) => name.startsWith('shop/'))).toEqual(own)
      }),
      { numRuns: 200 },
    )
  })

  it('never lets a policy that cannot be read open a route', () => {
    const at = ofKind('AccessPolicy')
    const { spec } = sound[at]!
    fc.assert(
      fc.property(anyJson, fc.boolean(), (by, targets) => {
        const broken = { ...(spec as Document), ...(targets ? { targetRefs: by } : {}), authorization: by }
        const { resources } = compiled(sound.with(at, { ...sound[at]!, spec: broken }))
        const route = resources.find(({ kind }) => kind === 'route')
        expect(JSON.stringify(route?.spec)).toContain('"access":{"type":"Refuse","code":"config-invalid"}')
      }),
      { numRuns: 200 },
    )
  })
})

/** A world of which one object was replaced, as after a watch event: all others are the same objects. */
function changed(world: World, kind: WorldKind, key: string, rest: { readonly [key: string]: Json }): World {
  const object = world[kind].get(key)!
  return { ...world, [kind]: new Map([...world[kind], [key, { ...object, raw: { ...object.raw, ...rest } }]]) }
}

describe('a change of one object', () => {
  const { world } = readCase(one)
  const before = compile(world, installation, options)
  const after = (kind: WorldKind, key: string, rest: { readonly [key: string]: Json }): Compilation =>
    compile(changed(world, kind, key, rest), installation, options)

  it('of endpoints changes the endpoints resource alone', () => {
    const next = after('EndpointSlice', 'shop/orders-1', { endpoints: [{ addresses: ['10.1.0.99'] }] })
    expect(changedKeys(before, next)).toEqual(['endpoints/shop/orders:80'])
  })

  it('of a key set changes the key set alone', () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }
    const next = after('ConfigMap', 'shop/keys', { data: { 'jwks.json': JSON.stringify({ keys: [key] }) } })
    expect(changedKeys(before, next)).toEqual(['keySet/shop/orders/staff'])
  })

  it('of a certificate changes the certificate resource alone', () => {
    const tls = readCase(readFileSync(join(root, 'mtls', 'in.yaml'), 'utf8')).world
    const data = tls.Secret.get('gatehouse-system/shop-tls')?.raw['data'] as Readonly<Record<string, string>>
    const chain = Buffer.from(data['tls.crt']!, 'base64').toString()
    const longer = { ...data, 'tls.crt': Buffer.from(chain + chain).toString('base64') }
    const next = changed(tls, 'Secret', 'gatehouse-system/shop-tls', { data: longer })
    const [first, second] = [tls, next].map((some) => compile(some, installation, options))
    expect(changedKeys(first!, second!)).toEqual(['certificate/gatehouse-system/shop-tls'])
  })

  it('leaves every other resource the same object, so that nothing is hashed twice', () => {
    const first = compile(world, installation, options)
    const second = after('EndpointSlice', 'shop/orders-1', { endpoints: [] })
    const same = second.resources.filter((resource) => first.resources.includes(resource))
    expect(same).toHaveLength(first.resources.length - 1)
  })
})
