import { describe, expect, it } from 'vitest'
import { readJson, type JsonValue } from './json.ts'
import { compileSchema, type Effort, type SchemaVerdict } from './schema.ts'

const effort = (steps = 1_000_000): Effort => ({ steps, now: () => 0 })

function valueOf(text: string): JsonValue {
  const read = readJson(text, { maxDepth: 64, maxValues: 1_000_000 })
  if (!read.ok) throw new Error(read.fault)
  return read.value
}

function verdict(schema: object, value: string, limit: Effort = effort()): SchemaVerdict {
  const compiled = compileSchema(JSON.stringify(schema))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.faults))
  return compiled.check(valueOf(value), limit)
}

const faultsOf = (schema: string) => {
  const compiled = compileSchema(schema)
  return compiled.ok ? [] : compiled.faults.map(({ pointer, reason }) => `${pointer} ${reason}`)
}

const text = { type: 'string' }
const nested = (levels: number): object => (levels === 0 ? text : { allOf: [nested(levels - 1)] })

describe('compileSchema', () => {
  it.each([
    { schema: '{', faults: [' not-json'] },
    { schema: '{"type":"string","type":"number"}', faults: [' not-json'] },
    { schema: `"${'a'.repeat(65536)}"`, faults: [' too-large'] },
    { schema: '7', faults: [' not-a-schema'] },
    { schema: '{"items":[]}', faults: ['/items not-a-schema'] },
    { schema: '{"properties":{"a":{"nullable":true}}}', faults: ['/properties/a/nullable unknown-keyword'] },
    { schema: '{"properties":{"a b":{"x":1}}}', faults: ['/properties/?/x unknown-keyword'] },
    { schema: '{"$id":"x"}', faults: ['/$id unknown-keyword'] },
    { schema: '{"$dynamicRef":"#a"}', faults: ['/$dynamicRef unknown-keyword'] },
    { schema: '{"unevaluatedProperties":false}', faults: ['/unevaluatedProperties unknown-keyword'] },
    { schema: '{"definitions":{}}', faults: ['/definitions unknown-keyword'] },
    { schema: '{"$schema":"http://json-schema.org/draft-07/schema#"}', faults: ['/$schema bad-dialect'] },
    { schema: '{"items":{"$defs":{}}}', faults: ['/items/$defs unknown-keyword'] },
    { schema: '{"$ref":"https://example.com/a"}', faults: ['/$ref bad-ref'] },
    { schema: '{"$ref":"#/properties/a"}', faults: ['/$ref bad-ref'] },
    { schema: '{"$ref":"#/$defs/a"}', faults: ['/$ref bad-ref'] },
    { schema: '{"$ref":"#"}', faults: ['/$ref bad-ref'] },
    {
      schema: '{"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#/$defs/a"}}}}',
      faults: ['/$ref/items/$ref recursive'],
    },
    { schema: '{"type":"text"}', faults: ['/type bad-value'] },
    { schema: '{"type":[]}', faults: ['/type bad-value'] },
    { schema: '{"required":["a","a"]}', faults: ['/required bad-value'] },
    { schema: '{"minLength":-1}', faults: ['/minLength bad-value'] },
    { schema: '{"minLength":1.5}', faults: ['/minLength bad-value'] },
    { schema: '{"maximum":"1"}', faults: ['/maximum bad-value'] },
    { schema: '{"multipleOf":0}', faults: ['/multipleOf bad-value'] },
    { schema: '{"enum":[]}', faults: ['/enum bad-value'] },
    { schema: '{"anyOf":[]}', faults: ['/anyOf bad-value'] },
    { schema: '{"pattern":"(?=a)"}', faults: ['/pattern bad-pattern'] },
    { schema: '{"pattern":"(a{500}){3}"}', faults: ['/pattern bad-pattern'] },
    { schema: '{"patternProperties":{"(":true}}', faults: ['/patternProperties bad-pattern'] },
    { schema: '{"format":"regex"}', faults: ['/format unknown-format'] },
    { schema: '{"uniqueItems":true}', faults: ['/uniqueItems unbounded-unique'] },
    { schema: '{"uniqueItems":true,"maxItems":101}', faults: ['/uniqueItems unbounded-unique'] },
    { schema: '{"uniqueItems":true,"maxItems":100}', faults: [] },
    { schema: JSON.stringify({ oneOf: Array.from({ length: 9 }, () => text) }), faults: ['/oneOf too-many-branches'] },
    { schema: JSON.stringify(nested(3)), faults: [] },
    { schema: JSON.stringify(nested(4)), faults: ['/allOf too-deep'] },
    { schema: JSON.stringify({ properties: { a: nested(3) }, allOf: [nested(2)] }), faults: [] },
    {
      schema: '{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}',
      faults: 'abcdefgh'.split('').map((name) => `/${name} unknown-keyword`),
    },
  ])('$schema', ({ schema, faults }) => {
    expect(faultsOf(schema)).toEqual(faults)
  })

  it('counts what references multiply', () => {
    const level = (next: string) => ({
      properties: { a: { $ref: next }, b: { $ref: next }, c: { $ref: next }, d: { $ref: next } },
    })
    const $defs = Object.fromEntries(
      '1234567'.split('').map((name, index) => [name, index === 6 ? text : level(`#/$defs/${index + 2}`)]),
    )
    expect(faultsOf(JSON.stringify({ $ref: '#/$defs/2', $defs }))).toEqual([])
    expect(faultsOf(JSON.stringify({ $ref: '#/$defs/1', $defs }))).toEqual([' too-costly'])
  })

  it('counts patterns', () => {
    const list = (length: number, pattern: (index: number) => string) =>
      JSON.stringify({ prefixItems: Array.from({ length }, (_, index) => ({ pattern: pattern(index) })) })
    expect(faultsOf(list(100, () => '^a$'))).toEqual([])
    expect(faultsOf(list(130, () => '^a$'))).toEqual([' too-costly'])
    expect(faultsOf(list(9, (index) => `${index}a{1000}`))).toEqual(['/prefixItems/8/pattern too-costly'])
  })
})

describe('a compiled schema', () => {
  const order = {
    type: 'object',
    additionalProperties: false,
    required: ['id', 'items'],
    properties: {
      id: { type: 'integer', maximum: 9007199254740991 },
      items: {
        type: 'array',
        maxItems: 2,
        items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string', maxLength: 3 } } },
      },
      price: { multipleOf: 0.01 },
    },
  }

  it.each([
    { value: '{"id":1,"items":[{"sku":"abc"}]}', findings: [] },
    { value: '{"id":1.0,"items":[]}', findings: [] },
    { value: '{"id":1,"items":[],"price":19.99}', findings: [] },
    { value: '{"id":1,"items":[],"price":19.999}', findings: ['/price multipleOf'] },
    { value: '{"id":9007199254740993,"items":[]}', findings: ['/id maximum'] },
    { value: '{"id":"1","items":{}}', findings: ['/id type', '/items type'] },
    { value: '[]', findings: [' type'] },
    { value: '{}', findings: ['/id required', '/items required'] },
    { value: '{"id":1,"items":[{"sku":"abcd"},{}]}', findings: ['/items/0/sku maxLength', '/items/1/sku required'] },
    { value: '{"id":1,"items":[{},{},{}]}', findings: ['/items maxItems'] },
    {
      value: '{"id":1,"items":[],"__proto__":{},"x y":1}',
      findings: ['/__proto__ additionalProperties', '/? additionalProperties'],
    },
  ])('$value', ({ value, findings }) => {
    const found = verdict(order, value)
    expect(found === 'exhausted' ? found : found.map(({ pointer, reason }) => `${pointer} ${reason}`)).toEqual(findings)
  })

  it('sees no member that is not its own', () => {
    expect(verdict({ required: ['constructor', 'toString', '__proto__'] }, '{}')).toHaveLength(3)
  })

  it('names 16 findings at most, and nothing twice', () => {
    expect(verdict({ items: { type: 'string' } }, JSON.stringify(Array.from({ length: 40 }, () => 1)))).toHaveLength(16)
  })

  it('says nothing of branches that do not hold', () => {
    expect(verdict({ anyOf: [{ type: 'string' }, { required: ['a'] }] }, '{}')).toEqual([
      { pointer: '', reason: 'anyOf' },
    ])
  })

  it('gives up when its steps are used up', () => {
    const branch = { allOf: Array.from({ length: 8 }, () => text) }
    const hostile = { items: { allOf: Array.from({ length: 8 }, () => branch) } }
    expect(verdict(hostile, `[${'"",'.repeat(2000)}""]`, effort(50_000))).toBe('exhausted')
  })

  it('runs no expression on more than it can pay for', () => {
    const hostile = { pattern: '(?:a?){100}a{100}' }
    const started = performance.now()
    expect(verdict(hostile, JSON.stringify('a'.repeat(60_000)), { ...effort(), now: () => performance.now() })).toBe(
      'exhausted',
    )
    expect(performance.now() - started).toBeLessThan(50)
  })

  it('pays for expressions by the clock', () => {
    let now = 0
    const slow = { steps: 1_000_000, now: () => (now += 4) }
    expect(verdict({ items: { pattern: '^[a-z]{1,64}$' } }, JSON.stringify(['aaaa', 'aaaa', 'aaaa']), slow)).toBe(
      'exhausted',
    )
  })
})
