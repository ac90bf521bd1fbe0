import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nackReason, type Json, type SealedResource, type SignedRevision } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { compile } from '../../controller/src/compile/compile.ts'
import { worldOf } from '../../controller/src/compile/worldOf.ts'
import { isSignedBy, signingKeysIn } from '../../dataplane/src/sync/signature.ts'
import { atOnce } from '../../dataplane/src/slices.ts'
import { applyUpdate } from '../../dataplane/src/sync/store.ts'
import { createSigningKeys, fullUpdate } from '../support/signing.ts'
import { readCase } from '../golden/case.ts'

const golden = join(import.meta.dirname, '..', 'golden')
const cases = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => readFileSync(join(golden, entry.name, 'in.yaml'), 'utf8'))

const documents = cases.flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as Json))

const signing = createSigningKeys()
const keys = signingKeysIn(signing.publicKey)!
const expected = { installation: 'gatehouse-system/edge', isSigned: (said: SignedRevision) => isSignedBy(said, keys) }

interface Change {
  readonly at: number
  readonly how: 'remove' | 'replace' | 'repeat'
  readonly value: Json
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('remove' as const, 'replace' as const, 'repeat' as const),
  value: fc.oneof(
    fc.constantFrom<Json>(null, '', '0s', '-1s', '*', '/', '../x', 0, -1, 1e308, true, [], {}, '__proto__'),
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  ),
})

/** Every place in a value, by the path to it. */
function places(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const members: (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((item: Json, index) => [index, item] as const)
    : Object.entries(value as Record<string, Json>)
  return [path, ...members.flatMap(([key, member]) => places(member, [...path, key]))]
}

function changed(document: Json, { at, how, value }: Change): Json {
  const copy = structuredClone(document) as unknown
  const all = places(document).filter((path) => path.length > 0)
  const path = all[at % Math.max(all.length, 1)]
  if (path === undefined) return value
  let parent = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>
  const key = path.at(-1)!
  if (how === 'replace') parent[key] = value
  else if (Array.isArray(parent) && how === 'repeat') parent.push(parent[Number(key)])
  else if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
  return copy as Json
}

describe('fuzz: the compiler', () => {
  it('never throws, and whatever it makes a data plane can read', () => {
    fc.assert(
      fc.property(
        fc.nat(cases.length - 1),
        fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 3 }),
        (index, changes) => {
          const { installation, options } = readCase(cases[index]!)
          const objects = parseAllDocuments(cases[index]!).map((one) => one.toJS() as Json)
          for (const [which, one] of changes) {
            const at = which % objects.length
            objects[at] = changed(objects[at]!, one)
          }
          const { resources } = compile(worldOf(objects, 'FromMetadata'), installation, options)
          const frame = JSON.stringify(fullUpdate(signing, resources))
          const applied = atOnce(applyUpdate(frame, { snapshot: null, last: null }, expected))
          expect(applied.outcome).toBe('applied')
        },
      ),
      { numRuns: 400 },
    )
  })

  it('is deterministic in the order of its objects', () => {
    fc.assert(
      fc.property(fc.nat(cases.length - 1), fc.infiniteStream(fc.nat()), (index, order) => {
        const { installation, options } = readCase(cases[index]!)
        const objects = parseAllDocuments(cases[index]!).map((one) => one.toJS() as Json)
        const shuffled = objects
          .map((object) => ({ object, key: order.next().value as number }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ object }) => object)
        const one = compile(worldOf(objects, 'FromMetadata'), installation, options)
        const other = compile(worldOf(shuffled, 'FromMetadata'), installation, options)
        expect(other.resources.map(({ hash }) => hash).sort()).toEqual(one.resources.map(({ hash }) => hash).sort())
      }),
      { numRuns: 200 },
    )
  })
})

describe('fuzz: messages', () => {
  it('are applied or refused by a reason of the table', () => {
    fc.assert(
      fc.property(fc.nat(documents.length - 1), change, fc.boolean(), (index, one, torn) => {
        const resource = {
          kind: 'route',
          name: 'shop/a',
          hash: '0'.repeat(64),
          spec: { document: documents[index]! } as SealedResource['spec'],
        }
        const update = changed(fullUpdate(signing, [resource]) as unknown as Json, one)
        const frame = JSON.stringify(update)
        const received = torn ? frame.slice(0, one.at % frame.length) : frame
        const applied = atOnce(applyUpdate(received, { snapshot: null, last: null }, expected))
        if (applied.outcome === 'nack') expect(nackReason.options).toContain(applied.reason)
      }),
      { numRuns: 2000 },
    )
  })
})
