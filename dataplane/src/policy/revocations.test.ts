import type { Revocation } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { noon, principal } from './policyFixture.ts'
import { isRevoked, readyRevocations } from './revocations.ts'

const issuer = { of: 'Issuer', name: 'https://idp' } as const
const staff = { of: 'Provider', name: 'staff' } as const
const entry = (over: Partial<Revocation>): Revocation => ({
  ...issuer,
  what: 'All',
  value: '',
  issuedBefore: null,
  ...over,
})

const seconds = noon / 1000
const ada = principal({
  claims: { jti: 't', iat: seconds, client_id: 'app', azp: 'web' },
  token: { keyId: 'k', singleUse: null },
})
const key = principal({
  providerObject: 'shop/p/keys',
  provider: 'keys',
  issuer: '',
  subject: 'acme',
  clientId: 'acme',
})

describe('isRevoked', () => {
  it.each<[string, Partial<Revocation>, boolean]>([
    ['its token', { what: 'TokenId', value: 't' }, true],
    ['another token', { what: 'TokenId', value: 'T' }, false],
    ['its subject', { what: 'Subject', value: 'ada' }, true],
    ['another subject', { what: 'Subject', value: 't' }, false],
    ['its client', { what: 'ClientId', value: 'app' }, true],
    ['its authorized party', { what: 'ClientId', value: 'web' }, true],
    ['its key', { what: 'KeyId', value: 'k' }, true],
    ['another key', { what: 'KeyId', value: 'K' }, false],
    ['its provider\u2019s subject', { ...staff, what: 'Subject', value: 'ada' }, true],
    ['all of its issuer', {}, true],
    ['all of another issuer', { name: 'https://other' }, false],
    ['all of another provider', { ...staff, name: 'keys' }, false],
    ['what was issued before', { issuedBefore: noon + 1 }, true],
    ['what was issued earlier', { issuedBefore: noon }, false],
    ['its subject\u2019s, issued before', { what: 'Subject', value: 'ada', issuedBefore: noon + 1 }, true],
    ['its subject\u2019s, issued earlier', { what: 'Subject', value: 'ada', issuedBefore: noon }, false],
  ])('%s', (_name, over, expected) => {
    expect(isRevoked(readyRevocations([entry(over)], 'shop/p'), ada)).toBe(expected)
  })

  it('speaks of providers of its own policy', () => {
    const entries = [entry({ ...staff, what: 'Subject', value: 'ada' })]
    expect(isRevoked(readyRevocations(entries, 'shop/other'), ada)).toBe(false)
  })

  it('takes the latest of several times, and none for all', () => {
    const both = [entry({ issuedBefore: noon }), entry({ issuedBefore: noon + 1 }), entry({ issuedBefore: 0 })]
    expect(isRevoked(readyRevocations(both, 'shop/p'), ada)).toBe(true)
    const subject = { what: 'Subject', value: 'ada' } as const
    const always = [entry({ ...subject, issuedBefore: 0 }), entry(subject)]
    expect(isRevoked(readyRevocations(always, 'shop/p'), ada)).toBe(true)
  })

  it('knows API keys by provider and client, and takes them for older than any time', () => {
    const keys = { of: 'Provider', name: 'keys' } as const
    const of = (over: Partial<Revocation>) => isRevoked(readyRevocations([entry({ ...keys, ...over })], 'shop/p'), key)
    expect(of({ what: 'ClientId', value: 'acme' })).toBe(true)
    expect(of({ what: 'Subject', value: 'acme' })).toBe(true)
    expect(of({ what: 'ClientId', value: 'globex' })).toBe(false)
    expect(of({ issuedBefore: 0 })).toBe(true)
    expect(of({ ...issuer })).toBe(false)
  })

  it('does not take a claim of another type for anything', () => {
    const odd = principal({ claims: { client_id: 7, azp: ['web'], iat: seconds } })
    expect(isRevoked(readyRevocations([entry({ what: 'ClientId', value: '7' })], 'shop/p'), odd)).toBe(false)
    expect(isRevoked(readyRevocations([entry({ what: 'ClientId', value: 'web' })], 'shop/p'), odd)).toBe(false)
  })
})
