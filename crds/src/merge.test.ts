import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { accessPolicySpec } from './access-policy.ts'
import { objectSchema } from './define.ts'
import { kinds } from './kinds.ts'
import { byAction, mergeKinds, mustPass, narrowest, own } from './merge.ts'

const word = z.string().max(9).describe('A word.')
const inSpec = (field: z.ZodType) =>
  z.strictObject({ field, other: own(word), group: z.strictObject({ inner: mustPass(word) }).optional() })

describe('mergeKinds', () => {
  it('tells the kind of each field, and of the members of a group', () => {
    expect([...mergeKinds(inSpec(narrowest(word).optional()), 'spec')]).toEqual([
      ['spec.field', 'Narrowest'],
      ['spec.other', 'Own'],
      ['spec.group.inner', 'EveryLevel'],
    ])
  })

  it('lets what stands below an annotated field merge with it', () => {
    expect(mergeKinds(z.strictObject({ field: byAction(z.strictObject({ inner: word })) }), 'spec').size).toBe(1)
  })

  it.each([
    ['a field', word, 'spec.field'],
    ['a list', z.array(mustPass(word)), 'spec.field'],
    ['a member of a group', z.strictObject({ inner: word }).optional(), 'spec.field.inner'],
  ])('refuses %s of which nobody said it, and names it', (_, field, at) => {
    expect(() => mergeKinds(inSpec(field), 'spec')).toThrow(`${at}: says nothing of how levels merge`)
  })
})

describe('the schema of a kind that merges', () => {
  const definition = { ...kinds.AccessPolicy, spec: accessPolicySpec.safeExtend({ extra: word }) }

  it('is not made with a field of which nobody said how it merges', () => {
    expect(() => objectSchema(definition)).toThrow('AccessPolicy.spec.extra: says nothing of how levels merge')
  })

  it('is made without a word about it', () => {
    expect(JSON.stringify(objectSchema(kinds.AccessPolicy))).not.toContain('"merge"')
  })
})
