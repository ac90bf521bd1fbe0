import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { revisionOf, type Json } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../../controller/src/compile/compile.ts'
import { createCompiler } from '../../controller/src/compile/compiler.ts'
import type { CompileOptions } from '../../controller/src/compile/options.ts'
import { worldObjectOf, worldOf } from '../../controller/src/compile/worldOf.ts'
import { successorOf, type Listed } from '../../controller/src/push/successor.ts'
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
  ...(['EndpointSlice', 'Secret', 'ConfigMap', 'Namespace'] as const),
]
const objectsOf = (world: World): readonly WorldObject[] => kinds.flatMap((kind) => [...world[kind].values()])
const documentsOf = (world: World): readonly Document[] => objectsOf(world).map(({ raw }) => raw)

/** The objects of every case, as the API server would store them. */
const cases = inputs.map((text) => documentsOf(readCase(text).world))
const pool = cases.flat()

const metadataOf = (document: Document): Document => document['metadata'] as Document
const moved = (document: Document, metadata: Document): Document => ({
  ...document,
  metadata: { ...metadataOf(document), ...metadata },
})

const namespaces = ['shop', 'shop-a', 'other', 'gatehouse-system']
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

/** One change: of an object, of what is compiled beside the world, or the end of some object. */
type Step =
  | { readonly put: Document }
  | { readonly drop: number }
  | { readonly watched: readonly string[] | null }
  | { readonly options: Partial<Pick<CompileOptions, 'snapshotBytes' | 'deniedAddresses' | 'folder'>> }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: placed.map((put) => ({ put })) },
  { weight: 1, arbitrary: fc.option(fc.subarray(namespaces)).map((watched) => ({ watched })) },
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
  return {
    now: () => world,
    put: (document: Document): void => {
      const object = worldObjectOf(document, 'FromMetadata')
      if (object) edit(object.kind, (objects) => objects.set(objectKey(object.meta), object))
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
  let present: CompileOptions = options
  for (const one of steps) {
    if ('put' in one) changing.put(one.put)
    else if ('drop' in one) changing.drop(one.drop)
    else if ('watched' in one) changing.watch(one.watched)
    else present = { ...options, ...one.options }
    const documents = structuredClone(documentsOf(changing.now()))
    const anew = worldOf(documents, 'FromMetadata', changing.now().watched)
    yield { remembered: compiler.compile(changing.now(), present), anew: compile(anew, installation, present) }
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
        let listed: Listed | null = null
        for (const { remembered, anew } of compiledTwice(some)) {
          expect(remembered).toEqual(anew)
          listed = successorOf(listed, remembered.resources)
          expect(listed.snapshot.revision).toBe(revisionOf(anew.resources))
        }
      }),
      { numRuns: 150 },
    )
  })

  it('gives the same verdict wherever nothing else is to be said', () => {
    fc.assert(
      fc.property(history, (some) => {
        let before: readonly object[] = []
        for (const { remembered } of compiledTwice(some)) {
          const known = new Map(before.map((verdict) => [JSON.stringify(verdict), verdict]))
          for (const verdict of remembered.verdicts) expect(known.get(JSON.stringify(verdict)) ?? verdict).toBe(verdict)
          before = remembered.verdicts
        }
      }),
      { numRuns: 20 },
    )
  })
})
