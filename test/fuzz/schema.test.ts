import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from '@gatehouse/language/json'
import { compileSchema } from '@gatehouse/language/schema'

const names = ['a', 'b', '__proto__', 'constructor', '1']
const name = fc.constantFrom(...names)
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, 1, 1.5, 2, -3, 1e21, '', 'a', 'bb', '\u{1F600}', 'abc'),
)

/** Values of few words, so that schemas often hold. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((all) => ({ members: new Map(all) })),
  ),
}))

/** JSON text, in which `__proto__` is a member like any other. */
function textOf(one: unknown): string {
  if (Array.isArray(one)) return `[${one.map(textOf).join()}]`
  if (typeof one !== 'object' || one === null) return JSON.stringify(one)
  const entries = 'members' in one ? [...(one as { members: Map<string, unknown> }).members] : Object.entries(one)
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`).join()}}`
}

const count = fc.nat({ max: 4 })
const bound = fc.constantFrom(-3, 0, 1, 1.5, 2)
const type = fc.constantFrom('null', 'boolean', 'object', 'array', 'number', 'string', 'integer')
const pattern = fc.constantFrom('^a', 'b$', '[a-b]+', '.')

const { schema } = fc.letrec<{ schema: unknown }>((tie) => {
  const one = tie('schema')
  const list = fc.array(one, { minLength: 1, maxLength: 3 })
  const members = (key: fc.Arbitrary<string>) =>
    fc.array(fc.tuple(key, one), { maxLength: 3 }).map((all) => ({ members: new Map(all) }))
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'schema' },
      fc.boolean(),
      fc.record(
        {
          ...{ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })), const: value },
          ...{ enum: fc.array(value, { minLength: 1, maxLength: 3 }) },
          ...{ minimum: bound, maximum: bound, exclusiveMinimum: bound, exclusiveMaximum: bound },
          ...{ multipleOf: fc.constantFrom(1, 2, 0.5), minLength: count, maxLength: count, pattern },
          ...{ minItems: count, maxItems: count, items: one, prefixItems: list, contains: one, minContains: count },
          ...{ minProperties: count, maxProperties: count, required: fc.uniqueArray(name, { maxLength: 2 }) },
          ...{ properties: members(name), patternProperties: members(pattern), additionalProperties: one },
          ...{ propertyNames: one, dependentSchemas: members(name) },
          ...{ allOf: list, anyOf: list, oneOf: list, not: one, if: one, ['th' + 'en']: one, else: one },
        },
        { requiredKeys: [], noNullPrototype: true },
      ),
    ),
  }
})

const options = { strict: false, validateFormats: false, ownProperties: true, validateSchema: false } as const

describe('a schema', () => {
  it('holds for what ajv says it holds for', () => {
    let compared = 0
    fc.assert(
      fc.property(schema, fc.array(value, { minLength: 12, maxLength: 12 }), (described, values) => {
        const ofSchema = textOf(described)
        const compiled = compileSchema(ofSchema)
        // Its combinators stand too deep.
        if (!compiled.ok) return
        const reference = new Ajv2020(options).compile(JSON.parse(ofSchema) as object)
        for (const ofData of values.map(textOf)) {
          const read = readJson(ofData, { maxDepth: 64, maxValues: 10_000 })
          if (!read.ok) throw new Error(read.fault)
          const verdict = compiled.check(read.value, { steps: 10_000_000, now: () => 0 })
          const valid = reference(JSON.parse(ofData))
          compared++
          expect({ ofSchema, ofData, valid: verdict.length === 0 }).toEqual({ ofSchema, ofData, valid })
        }
      }),
      { numRuns: 200 },
    )
    expect(compared).toBeGreaterThan(1200)
  })
})
