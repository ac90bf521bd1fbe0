import { describe, expect, it } from 'vitest'
import { revocationListOf } from './revocationList.ts'

const read = (...entries: unknown[]) => revocationListOf(JSON.stringify(entries))
const issuer = 'https://idp'

describe('a list of revocations', () => {
  it('says whose credentials count no more, and which', () => {
    expect(
      read(
        { issuer, jti: 'a' },
        { provider: 'staff', clientId: 'b' },
        { issuer, subject: 'c', issuedBefore: '1970-01-01T00:00:01Z' },
        { issuer, issuedBefore: '1970-01-01T01:00:00+01:00' },
      ),
    ).toEqual([
      { of: 'Issuer', name: issuer, what: 'TokenId', value: 'a', issuedBefore: null },
      { of: 'Provider', name: 'staff', what: 'ClientId', value: 'b', issuedBefore: null },
      { of: 'Issuer', name: issuer, what: 'Subject', value: 'c', issuedBefore: 1000 },
      { of: 'Issuer', name: issuer, what: 'All', value: '', issuedBefore: 0 },
    ])
    expect(read()).toEqual([])
  })

  it.each<[string, unknown]>([
    ['an entry that says nothing', {}],
    ['an entry that does not say whose', { jti: 'a' }],
    ['an entry of a provider and an issuer', { provider: 'staff', issuer, jti: 'a' }],
    ['an entry that does not say what', { issuer }],
    ['an entry that says two things', { issuer, jti: 'a', subject: 'b' }],
    ['a misspelt member', { issuer, jit: 'a' }],
    ['a member more', { issuer, jti: 'a', note: 'why' }],
    ['an empty value', { issuer, jti: '' }],
    ['an empty issuer', { issuer: '', jti: 'a' }],
    ['a number', { issuer, jti: 7 }],
    ['null', { issuer, jti: null }],
    ['a day without a time', { issuer, issuedBefore: '2026-01-01' }],
    ['a time without a zone', { issuer, issuedBefore: '2026-01-01T00:00:00' }],
    ['no object', 'a'],
  ])('with %s is none, sound as the rest of it may be', (_name, entry) => {
    expect(read({ issuer, jti: 'a' }, entry)).toBeNull()
  })

  it.each([
    '',
    '{}',
    'null',
    '[',
    '[{"issuer":"i","jti":"a"}] ]',
    '[{"issuer":"i","jti":"a","jti":"b"}]',
    '[{"issuer":"i","issuer":"j","jti":"a"}]',
  ])('is not %j', (text) => {
    expect(revocationListOf(text)).toBeNull()
  })

  it('has at most 10,000 entries', () => {
    const many = (count: number) => read(...Array.from({ length: count }, (_, at) => ({ issuer, jti: `${at}` })))
    expect(many(10_000)).toHaveLength(10_000)
    expect(many(10_001)).toBeNull()
  })
})
