import { canonicalJson, resourceHash, revisionOf, type Json, type SealedResource } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const json = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>

/** The same value with the members of every object in another order. */
function shuffled(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => shuffled(item))
  const members = Object.entries(value).map(([key, member]): [string, Json] => [key, shuffled(member)])
  return Object.fromEntries(members.reverse())
}

const sealed = fc.record({ kind: fc.string(), name: fc.string(), hash: fc.string(), spec: fc.constant({}) })

describe('fuzz: the canonical form', () => {
  it('says the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('is one for one value, in whatever order its members come', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))
      }),
    )
  })

  it('differs when the values differ', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const same = JSON.stringify(JSON.parse(canonicalJson(one))) === JSON.stringify(JSON.parse(canonicalJson(other)))
        expect(canonicalJson(one) === canonicalJson(other)).toBe(same)
      }),
    )
  })

  it('keeps kind and name apart in a hash', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (kind, name) => {
        const moved = { kind: `${kind}${name[0]}`, name: name.slice(1), spec: {} }
        expect(resourceHash({ kind, name, spec: {} })).not.toBe(resourceHash(moved))
      }),
    )
  })

  it('names a set, not a list', () => {
    fc.assert(
      fc.property(fc.array(sealed, { maxLength: 8 }), (resources: SealedResource[]) => {
        expect(revisionOf([...resources].reverse())).toBe(revisionOf(resources))
      }),
    )
  })
})
