import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { customResourceDefinition, structuralSchema, type KindDefinition } from './define.ts'
import { kinds } from './kinds.ts'
import { atomic } from './lists.ts'
import { ruled } from './rule.ts'

const word = z.string().max(9).describe('A word.')
const inObject = (field: z.ZodType) => z.strictObject({ field }).describe('An object.')

describe('structuralSchema', () => {
  it.each([
    ['a union', z.discriminatedUnion('type', [z.strictObject({ type: z.literal('A') })]).describe('A or B.')],
    ['a format of zod', z.iso.datetime().describe('A time.')],
    ['an unbounded string', z.string().describe('A word.')],
    ['an unbounded list', z.array(word).describe('Words.')],
    ['a list without type', z.array(word).max(9).describe('Words.')],
    ['an unbounded map', z.record(z.string(), word).describe('Words.')],
    ['a fraction', z.number().min(0).max(1).describe('A share.')],
    ['any JSON', z.unknown().describe('Anything.')],
    ['null', word.nullable()],
    ['a field without description', z.string().max(9)],
    ['a multiple', z.int().min(0).max(9).multipleOf(3).describe('A number.')],
  ])('refuses %s and names the field', (_, field) => {
    expect(() => structuralSchema(inObject(field), 'Kind.spec')).toThrow(/^Kind\.spec\.field/)
  })

  it('keeps bounds, rules, list types and descriptions', () => {
    const schema = ruled(atomic(word, { min: 1, max: 3 }, 'Words.'), {
      rule: 'size(self) > 0',
      message: 'needs a word',
      holds: (self) => self.length > 0,
    })
    expect(structuralSchema(inObject(schema.optional()), 'Kind.spec')).toEqual({
      type: 'object',
      description: 'An object.',
      properties: {
        field: {
          type: 'array',
          description: 'Words.',
          minItems: 1,
          maxItems: 3,
          items: { type: 'string', description: 'A word.', maxLength: 9 },
          'x-kubernetes-list-type': 'atomic',
          'x-kubernetes-validations': [{ rule: 'size(self) > 0', message: 'needs a word' }],
        },
      },
    })
  })

  it('writes the defaults of an object out in full', () => {
    const inner = z
      .strictObject({ word: word.default('a') })
      .prefault({})
      .describe('Inner.')
    const outer = z.strictObject({ inner }).prefault({}).describe('Outer.')
    const emitted = structuralSchema(inObject(outer), 'Kind.spec')
    expect(emitted.properties?.['field']?.default).toEqual({ inner: { word: 'a' } })
  })
})

describe('customResourceDefinition', () => {
  it('carries the version of the bundle', () => {
    const crd = customResourceDefinition(kinds.GatewayRoute)
    expect(crd.metadata).toEqual({
      name: 'gatewayroutes.gatehouse.dev',
      annotations: { 'gatehouse.dev/bundle-version': '3' },
    })
    expect(crd.spec.names).toMatchObject({
      plural: 'gatewayroutes',
      shortNames: ['gwr'],
      categories: ['gatehouse-api'],
    })
  })

  it.each(Object.values(kinds))(
    'has no category that is a name of $kind, which kubectl would take for all kinds',
    (kind) => {
      const { categories, singular, plural } = customResourceDefinition(kind).spec.names
      expect([singular, plural, ...kind.shortNames].filter((name) => categories.includes(name))).toEqual([])
    },
  )

  it('shows every condition that has a column by its status', () => {
    const shown = (definition: KindDefinition): readonly string[] =>
      definition.columns.filter(({ jsonPath }) => jsonPath.includes('conditions')).map(({ name }) => name)
    expect(shown(kinds.GatewayRoute)).toEqual(['Accepted', 'Protected', 'Programmed'])
    expect(shown(kinds.AccessPolicy)).toEqual(['Accepted', 'Programmed'])
  })
})
