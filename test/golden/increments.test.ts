import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resourceKey, type Json, type SealedResource } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../../controller/src/compile/compile.ts'
import { createCompiler } from '../../controller/src/compile/compiler.ts'
import type { CompileOptions } from '../../controller/src/compile/options.ts'
import { worldObjectOf, worldOf } from '../../controller/src/compile/worldOf.ts'
import { objectKey, type World, type WorldKind, type WorldObject } from '../../controller/src/world.ts'
import { readCase } from './case.ts'

type Document = { readonly [key: string]: Json }

const root = import.meta.dirname
const inputs = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => readFileSync(join(root, name, 'in.yaml'), 'utf8'))
const { installation, options } = readCase(inputs[0]!)

const kinds: readonly WorldKind[] = [
  ...(['Gatehouse', 'GatewayRoute', 'AccessPolicy', 'Service'] as const),
  ...(['EndpointSlice', 'Secret', 'ConfigMap', 'Namespace', 'ReferenceGrant'] as const),
]
const objectsOf = (world: World): readonly WorldObject[] => kinds.flatMap((kind) => [...world[kind].values()])
const documentsOf = (world: World): readonly Document[] => objectsOf(world).map(({ raw }) => raw)

/** Without lists: one that can no longer be read stays in force, so they alone depend on what was before. */
function withoutMemory(document: Document): Document {
  const copy = structuredClone(document) as { spec?: { authentication?: { revocations?: Json }; denyList?: Json } }
  delete copy.spec?.authentication?.revocations
  delete copy.spec?.denyList
  return copy as Document
}

/** The objects of every case, as the API server would store them. */
const cases = inputs.map((text) => documentsOf(readCase(text).world).map(withoutMemory))
const pool = cases.flat()

const metadataOf = (document: Document): Document => document['metadata'] as Document
const moved = (document: Document, metadata: Document): Document => ({
  ...document,
  metadata: { ...metadataOf(document), ...metadata },
})

const namespaces = ['shop', 'shop-a', 'other', 'billing', 'gatehouse-system']
const inNamespace = fc.constantFrom(...namespaces)
const existing = fc.nat().map((at) => pool[at % pool.length]!)

/** An object of a case in some namespace; those that have none stay, and get a label. */
const placed = fc
  .record({ document: existing, namespace: inNamespace, label: fc.constantFrom('a', 'b') })
  .map(({ document, namespace, label }) =>
    document['kind'] === 'Namespace'
      ? moved(document, { name: namespace, labels: { team: label, 'kubernetes.io/metadata.name': namespace } })
      : moved(document, { namespace: document['kind'] === 'Gatehouse' ? 'gatehouse-system' : namespace }),
  )

const granting = fc
  .record({
    inside: inNamespace,
    to: fc.subarray(['Service', 'ConfigMap', 'Secret'], { minLength: 1 }),
    from: fc.subarray(namespaces, { minLength: 1 }),
  })
  .map(({ inside, to, from }) => ({
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { name: 'grant', namespace: inside },
    spec: {
      from: ['GatewayRoute', 'AccessPolicy', 'Gatehouse'].flatMap((kind) =>
        from.map((namespace) => ({ group: 'gatehouse.dev', kind, namespace })),
      ),
      to: to.map((kind) => ({ group: '', kind })),
    },
  }))

/** One change: of an object, of what is compiled beside the world, or the end of some object. */
type Step =
  | { readonly put: Document }
  | { readonly drop: number }
  | { readonly endpoints: number; readonly count: number; readonly service: string | null }
  | { readonly watched: readonly string[] | null }
  | { readonly options: Partial<Pick<CompileOptions, 'snapshotBytes' | 'deniedAddresses' | 'folder'>> }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: placed.map((put) => ({ put })) },
  { weight: 2, arbitrary: granting.map((put) => ({ put })) },
  { weight: 1, arbitrary: fc.option(fc.subarray(namespaces)).map((watched) => ({ watched })) },
  {
    weight: 5,
    arbitrary: fc.record({
      endpoints: fc.nat(),
      count: fc.constantFrom(0, 1, 2, 20, 200),
      service: fc.option(fc.constantFrom('orders', 'other'), { freq: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.nat().map((drop) => ({ drop })) },
  {
    weight: 1,
    arbitrary: fc
      .record(
        {
          snapshotBytes: fc.integer({ min: 0, max: 30_000 }),
          deniedAddresses: fc.constantFrom(['10.0.0.1/32'], []),
          folder: fc.boolean(),
        },
        { requiredKeys: [] },
      )
      .map((some) => ({ options: some })),
  },
)

/** A world that changes as a watched one does: what does not change stays the same object. */
function changingWorld(first: readonly Document[]) {
  let world = worldOf(first, 'FromMetadata')
  const edit = (kind: WorldKind, change: (objects: Map<string, WorldObject>) => void): void => {
    const objects = new Map(world[kind])
    change(objects)
    world = { ...world, [kind]: objects }
  }
  const put = (document: Document): void => {
    const object = worldObjectOf(document, 'FromMetadata')
    if (object) edit(object.kind, (objects) => objects.set(objectKey(object.meta), object))
  }
  return {
    now: () => world,
    put,
    resize: ({ endpoints: at, count, service }: Extract<Step, { endpoints: number }>): void => {
      const all = [...world.EndpointSlice.values()]
      const { raw } = all[at % Math.max(1, all.length)] ?? {}
      if (!raw) return
      const endpoints = Array.from({ length: count }, (_, index) => ({ addresses: [`10.0.${count % 256}.${index}`] }))
      const labels = service === null ? {} : { labels: { 'kubernetes.io/service-name': service } }
      put(moved({ ...raw, endpoints }, labels))
    },
    watch: (watched: readonly string[] | null): void => {
      world = { ...world, watched: watched && new Set(watched) }
    },
    drop: (at: number): void => {
      const all = objectsOf(world)
      const object = all[at % Math.max(1, all.length)]
      if (object) edit(object.kind, (objects) => objects.delete(objectKey(object.meta)))
    },
  }
}

interface History {
  readonly first: readonly Document[]
  readonly steps: readonly Step[]
}

/** Each step compiled from what is remembered, and from nothing. */
function* compiledTwice({ first, steps }: History) {
  const changing = changingWorld(first)
  const compiler = createCompiler(installation)
  const resources = new Map<string, SealedResource>()
  let present: CompileOptions = options
  for (const one of steps) {
    if ('put' in one) changing.put(one.put)
    else if ('drop' in one) changing.drop(one.drop)
    else if ('endpoints' in one) changing.resize(one)
    else if ('watched' in one) changing.watch(one.watched)
    else present = { ...options, ...one.options }
    const documents = structuredClone(documentsOf(changing.now()))
    const anew = worldOf(documents, 'FromMetadata', changing.now().watched)
    const { set, removed, verdicts } = compiler.compile(changing.now(), present)
    for (const key of removed) if (!resources.delete(key)) throw new Error(`${key} was not there`)
    for (const resource of set) resources.set(resourceKey(resource), resource)
    const sorted = [...resources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource)
    yield { remembered: { resources: sorted, verdicts }, set, anew: compile(anew, installation, present) }
  }
}

const history = fc.record({
  first: fc.constantFrom(...cases),
  steps: fc.array(step, { minLength: 1, maxLength: 60 }),
})

describe('a compilation that remembers the one before', () => {
  it('gives what one from nothing gives, after every change', () => {
    fc.assert(
      fc.property(history, (some) => {
        for (const { remembered, anew } of compiledTwice(some)) expect(remembered).toEqual(anew)
      }),
      { numRuns: 300 },
    )
  })

  it('gives the same verdicts wherever nothing else is to be said, and only what changed of the resources', () => {
    fc.assert(
      fc.property(history, (some) => {
        let before: readonly object[] = []
        let hashes = new Map<string, string>()
        for (const { remembered, set } of compiledTwice(some)) {
          expect(set.filter((resource) => hashes.get(resourceKey(resource)) === resource.hash)).toEqual([])
          hashes = new Map(remembered.resources.map((resource) => [resourceKey(resource), resource.hash]))
          const known = new Map(before.map((verdict) => [JSON.stringify(verdict), verdict]))
          for (const verdict of remembered.verdicts) expect(known.get(JSON.stringify(verdict)) ?? verdict).toBe(verdict)
          before = remembered.verdicts
        }
      }),
      { numRuns: 20 },
    )
  })

  it('gives it also where endpoints grow until they no longer fit, in steps that each would', () => {
    const first = growing()
    const grow = fc.record({
      endpoints: fc.nat(1),
      count: fc.constantFrom(0, 10, 30, 40),
      service: fc.constant(null),
    })
    fc.assert(
      fc.property(fc.array(grow, { minLength: 2, maxLength: 20 }), (some) => {
        for (const { remembered, anew } of compiledTwice({ first, steps: some })) expect(remembered).toEqual(anew)
      }),
      { numRuns: 50 },
    )
  })
})

/** Two Services of one namespace, with a route each, and room for the endpoints of one of them. */
function growing(): readonly Document[] {
  const gatehouse = pool.find((document) => document['kind'] === 'Gatehouse')!
  const spec = { ...(gatehouse['spec'] as Document), bounds: { perNamespace: { routeBytes: '6Ki' } } }
  const ofService = (name: string): readonly Document[] => {
    const metadata = { name, namespace: 'shop', uid: name, labels: { 'kubernetes.io/service-name': name } }
    const backendRefs = [{ name, port: 80 }]
    return [
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'web', port: 80 }] } },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata,
        addressType: 'IPv4',
        ports: [{ name: 'web', port: 8080 }],
        endpoints: [],
      },
      {
        apiVersion: 'gatehouse.dev/v1alpha1',
        kind: 'GatewayRoute',
        metadata,
        spec: { hostnames: [`${name}.shop.example`], rules: [{ name: 'all', backendRefs }] },
      },
    ]
  }
  return [{ ...gatehouse, spec }, ...ofService('a'), ...ofService('b')]
}
