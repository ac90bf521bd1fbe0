import { describe, expect, it } from 'vitest'
import { revocationListOf } from './revocationList.ts'

const read = (...entries: unknown[]) => revocationListOf(JSON.stringify(entries))
const listed = (...list: unknown[]) => ({ ok: true, list })
const none = (where: string) => ({ ok: false, where })
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
    ).toEqual(
      listed(
        { of: 'Issuer', name: issuer, what: 'TokenId', value: 'a', issuedBefore: null },
        { of: 'Provider', name: 'staff', what: 'ClientId', value: 'b', issuedBefore: null },
        { of: 'Issuer', name: issuer, what: 'Subject', value: 'c', issuedBefore: 1000 },
        { of: 'Issuer', name: issuer, what: 'All', value: '', issuedBefore: 0 },
      ),
    )
    expect(read()).toEqual(listed())
  })

  it.each<[string, unknown, string, string]>([
    ['an entry that says nothing', {}, '', 'needs one of provider and issuer'],
    ['an entry that does not say whose', { jti: 'a' }, '', 'needs one of provider and issuer'],
    [
      'an entry of a provider and an issuer',
      { provider: 'staff', issuer, jti: 'a' },
      '',
      'needs one of provider and issuer',
    ],
    [
      'an entry that does not say what',
      { issuer },
      '',
      'needs issuedBefore, or one of jti, subject, clientId and keyId, or both',
    ],
    [
      'an entry that says two things',
      { issuer, jti: 'a', subject: 'b' },
      '',
      'needs issuedBefore, or one of jti, subject, clientId and keyId, or both',
    ],
    ['a misspelt member', { issuer, jit: 'a' }, '', 'has a field that is not known'],
    ['a member more', { issuer, jti: 'a', note: 'why' }, '', 'has a field that is not known'],
    ['an empty value', { issuer, jti: '' }, '/jti', 'needs a text of 1 to 1,024 characters'],
    ['an empty issuer', { issuer: '', jti: 'a' }, '/issuer', 'needs a text of 1 to 1,024 characters'],
    ['a number', { issuer, jti: 7 }, '/jti', 'needs a text of 1 to 1,024 characters'],
    ['null', { issuer, jti: null }, '/jti', 'needs a text of 1 to 1,024 characters'],
    [
      'a day without a time',
      { issuer, issuedBefore: '2026-01-01' },
      '/issuedBefore',
      'needs a date and a time with its zone (RFC 3339)',
    ],
    [
      'a time without a zone',
      { issuer, issuedBefore: '2026-01-01T00:00:00' },
      '/issuedBefore',
      'needs a date and a time with its zone (RFC 3339)',
    ],
    [
      'a number for a time',
      { issuer, issuedBefore: 5 },
      '/issuedBefore',
      'needs a date and a time with its zone (RFC 3339)',
    ],
    ['no object', 'a', '', 'not an object'],
  ])('with %s is none, sound as the rest of it may be', (_name, entry, field, lack) => {
    expect(read({ issuer, jti: 'a' }, entry)).toEqual(none(`/1${field}: ${lack}`))
  })

  it.each([
    ['', 'not JSON (RFC 7493)'],
    ['{}', 'not a list of entries'],
    ['null', 'not a list of entries'],
    ['[', 'not JSON (RFC 7493)'],
    ['[{"issuer":"i","jti":"a"}] ]', 'not JSON (RFC 7493)'],
    ['[{"issuer":"i","jti":"a","jti":"b"}]', 'a name is there twice in an entry'],
    ['[{"issuer":"i","issuer":"j","jti":"a"}]', 'a name is there twice in an entry'],
  ])('is not %j', (text, lack) => {
    expect(revocationListOf(text)).toEqual(none(lack))
  })

  it('has at most 10,000 entries', () => {
    const many = (count: number) => read(...Array.from({ length: count }, (_, at) => ({ issuer, jti: `${at}` })))
    expect(many(10_000)).toMatchObject({ ok: true, list: { length: 10_000 } })
    expect(many(10_001)).toEqual(none('more than 10,000 entries'))
  })
})
