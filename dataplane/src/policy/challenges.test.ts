import type { CredentialLocation } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { challengesOf, stepUpChallenge } from './challenges.ts'
import { locationsOf } from './location.ts'
import { jwtProvider, keySource } from './policyFixture.ts'

const at = (...from: CredentialLocation[]) =>
  challengesOf(locationsOf([{ provider: jwtProvider(keySource([])), from }]))

describe('stepUpChallenge (RFC 9470 3)', () => {
  it.each([
    [['gold', 'urn:x:2'], ', acr_values="gold urn:x:2"'],
    [[], ''],
    [['two words', 'a"b', 'back\\slash', 'ok'], ', acr_values="ok"'],
  ])('%j', (values, expected) => {
    const start = 'Bearer realm="gatehouse", error="insufficient_user_authentication"'
    expect(stepUpChallenge(values)).toBe(start + expected)
  })
})

describe('challengesOf', () => {
  it('says Bearer, and with a bad token why (RFC 6750 3)', () => {
    expect(at({ header: 'authorization', prefix: 'Bearer ' })).toEqual({
      missing: 'Bearer realm="gatehouse"',
      invalid: 'Bearer realm="gatehouse", error="invalid_token"',
    })
  })

  it('names every scheme once', () => {
    const places = [
      { header: 'authorization', prefix: 'Bearer ' },
      { header: 'authorization', prefix: 'Token ' },
      { header: 'x-key', prefix: '' },
      { header: 'x-other', prefix: 'Bearer ' },
    ]
    expect(at(...places).missing).toBe('Bearer realm="gatehouse", token realm="gatehouse", ApiKey realm="gatehouse"')
  })

  it('says Bearer for a token in a cookie or the query, and why it was bad', () => {
    const places: CredentialLocation[] = [{ cookie: 'session', allowedOrigins: [] }, { query: 'access_token' }]
    expect(at(...places).invalid).toBe('Bearer realm="gatehouse", error="invalid_token"')
  })

  it('never breaks out of the header', () => {
    expect(at({ header: 'authorization', prefix: 'a", error="x' }).missing).toBe('ApiKey realm="gatehouse"')
  })

  it('asks for a certificate where nothing else is taken', () => {
    expect(challengesOf([]).missing).toBe('ClientCertificate realm="gatehouse"')
  })
})
