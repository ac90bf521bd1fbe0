import { describe, expect, it } from 'vitest'
import { claimsOf, secondsOf } from './claims.ts'

const now = 1_800_000_000_500

describe('claimsOf', () => {
  it('says who, for whom and until when', () => {
    expect(claimsOf({}, now)).toEqual({
      iss: 'https://dev.gatehouse.invalid',
      sub: 'dev',
      iat: 1_800_000_000,
      exp: 1_800_003_600,
    })
  })

  it('writes roles as a list, scopes as words and one audience as text', () => {
    const flags = { issuer: 'i', audience: ['a'], subject: 's', role: ['x', 'y'], scope: ['r', 'w'], tenant: 't' }
    expect(claimsOf(flags, now)).toMatchObject({
      iss: 'i',
      aud: 'a',
      sub: 's',
      roles: ['x', 'y'],
      scope: 'r w',
      tenant: 't',
    })
    expect(claimsOf({ audience: ['a', 'b'] }, now)).toMatchObject({ aud: ['a', 'b'] })
  })

  it('takes other claims as JSON or as text, and they win', () => {
    const claim = ['realm_access={"roles":["a"]}', 'n=1', 'text=a=b', 'sub=other', 'empty=']
    expect(claimsOf({ claim }, now)).toMatchObject({
      realm_access: { roles: ['a'] },
      n: 1,
      text: 'a=b',
      sub: 'other',
      empty: '',
    })
    expect(() => claimsOf({ claim: ['=1'] }, now)).toThrow('--claim needs NAME=VALUE')
  })

  it('issues an expired token before it expires', () => {
    expect(claimsOf({ 'expires-in': '-1m' }, now)).toMatchObject({ iat: 1_799_999_939, exp: 1_799_999_940 })
  })
})

describe('secondsOf', () => {
  it.each([
    ['90', 90],
    ['15m', 900],
    ['-1h', -3600],
    ['1d', 86_400],
  ])('reads %s', (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds)
  })

  it.each(['', 'm', '1w', '1.5h', '1h30m'])('refuses "%s"', (text) => {
    expect(() => secondsOf(text)).toThrow('--expires-in needs a time')
  })
})
