import { describe, expect, it } from 'vitest'
import { findingsOf, note } from './findings.ts'
import { conditionTypes, reasons, type ReasonRow } from './reasons.ts'

describe('findingsOf', () => {
  it('makes one finding of each type, in the order of the types', () => {
    const found = findingsOf([
      note('PartiallyInvalid', 'NoWeight', '/a'),
      note('ResolvedRefs', 'ResolvedRefs'),
      note('Accepted', 'Accepted'),
      note('PartiallyInvalid', 'NoWeight', '/b', '/a'),
    ])
    expect(found.map(({ type }) => type)).toEqual(['Accepted', 'ResolvedRefs', 'PartiallyInvalid'])
    expect(found[2]?.message).toMatch(/500: \/a, \/b$/)
  })

  it('lets False speak before Unknown, then the first of the table, and tells the rest', () => {
    const [found] = findingsOf([
      note('ResolvedRefs', 'NotInFolder', '/a'),
      note('ResolvedRefs', 'RefNotFound', '/b'),
      note('ResolvedRefs', 'BackendNotFound', '/c'),
    ])
    expect(found).toMatchObject({ status: 'False', reason: 'BackendNotFound' })
    expect(found?.message).toMatch(/\/c\. .*\/b\. .*\/a$/)
  })

  it('bounds the places in number and length', () => {
    const [found] = findingsOf([
      note('Accepted', 'Invalid', ...Array.from({ length: 99 }, (_, i) => `/${i}${'x'.repeat(999)}`)),
    ])
    expect(found?.message).toMatch(/ and 91 more$/)
    expect(found?.message.length).toBeLessThan(2000)
  })
})

describe('the reason table', () => {
  it.each(Object.entries<ReasonRow>(reasons))(
    '%s stands under a type and has a sentence',
    (name, { under, message }) => {
      expect(name).toMatch(/^[A-Z][A-Za-z]*$/)
      expect(Object.keys(under).length).toBeGreaterThan(0)
      expect(conditionTypes).toEqual(expect.arrayContaining(Object.keys(under)))
      expect(message).toMatch(/^[A-Za-z].*[^.]$/)
    },
  )
})
