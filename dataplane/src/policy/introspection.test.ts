import { describe, expect, it } from 'vitest'
import { judgedAnswer } from './introspection.ts'
import { introspectionProvider, noon } from './policyFixture.ts'

const seconds = noon / 1000
const good = { active: true, sub: 'ada', aud: 'orders' }
const provider = introspectionProvider({ asserts: { roles: ['reader'], groups: [], tenants: ['*'], plans: [] } })

const judged = (answer: object): string => {
  const verdict = judgedAnswer(provider, answer as Record<string, unknown>, noon)
  return typeof verdict === 'string' ? verdict : verdict.type
}

describe('judgedAnswer (RFC 7662 2.2)', () => {
  it.each<[string, object, string]>([
    ['no more than is needed', good, 'valid'],
    [
      'everything',
      { ...good, iss: 'https://idp', exp: seconds + 1, nbf: seconds, iat: 0, token_type: 'BEARER' },
      'valid',
    ],
    ['one audience of several', { ...good, aud: ['x', 'orders'] }, 'valid'],
    ['inactive', { active: false }, 'inactive'],
    ['inactive, and all that is good', { ...good, active: false }, 'inactive'],
    ['nothing', {}, 'malformed'],
    ['no active', { sub: 'ada', aud: 'orders' }, 'malformed'],
    ['active in a text', { ...good, active: 'true' }, 'malformed'],
    ['active as a number', { ...good, active: 1 }, 'malformed'],
    ['active in a list', { ...good, active: [true] }, 'malformed'],
    ['active null', { ...good, active: null }, 'malformed'],
    ['exp in a text', { ...good, exp: String(seconds + 60) }, 'malformed'],
    ['exp null', { ...good, exp: null }, 'malformed'],
    ['nbf in a text', { ...good, nbf: '0' }, 'malformed'],
    ['iat in a text', { ...good, iat: '0' }, 'malformed'],
    ['sub as a number', { ...good, sub: 7 }, 'malformed'],
    ['iss in a list', { ...good, iss: ['https://idp'] }, 'malformed'],
    ['aud as an object', { ...good, aud: { orders: true } }, 'malformed'],
    ['aud with a number', { ...good, aud: ['orders', 7] }, 'malformed'],
    ['token_type as a number', { ...good, token_type: 1 }, 'malformed'],
    ['another audience', { ...good, aud: 'billing' }, 'invalid'],
    ['no audience', { active: true, sub: 'ada' }, 'invalid'],
    ['an empty list of audiences', { ...good, aud: [] }, 'invalid'],
    ['another issuer', { ...good, iss: 'https://evil' }, 'invalid'],
    ['an issuer with a slash more', { ...good, iss: 'https://idp/' }, 'invalid'],
    ['no subject', { active: true, aud: 'orders' }, 'invalid'],
    ['an empty subject', { ...good, sub: '' }, 'invalid'],
    ['a subject longer than any', { ...good, sub: 'x'.repeat(1025) }, 'invalid'],
    ['expired', { ...good, exp: seconds }, 'invalid'],
    ['not valid yet', { ...good, nbf: seconds + 1 }, 'invalid'],
    ['a token bound by DPoP (RFC 9449 7.1)', { ...good, token_type: 'DPoP' }, 'invalid'],
    ['a token bound to a certificate (RFC 8705 3)', { ...good, cnf: { 'x5t#S256': 'x' } }, 'invalid'],
    ['a refresh token', { ...good, token_type: 'refresh_token' }, 'invalid'],
    ['roles of another type', { ...good, roles: [7] }, 'invalid'],
  ])('%s', (_name, answer, expected) => {
    expect(judged(answer)).toBe(expected)
  })

  it('takes what is inherited for absent', () => {
    expect(judged(Object.create(good) as object)).toBe('malformed')
  })

  it('makes a principal of the issuer that the policy names, with no more than the provider may assert', () => {
    const answer = { ...good, exp: seconds + 60, scope: 'a b', roles: ['reader', 'root'], tid: 'acme', team: 'x' }
    expect(judgedAnswer(provider, answer, noon)).toEqual({
      type: 'valid',
      principal: {
        id: '["shop/p/opaque","https://idp","ada"]',
        provider: 'opaque',
        providerObject: 'shop/p/opaque',
        level: 3,
        issuer: 'https://idp',
        subject: 'ada',
        roles: ['reader'],
        scopes: ['a', 'b'],
        groups: [],
        tenant: 'acme',
        plan: null,
        trustLevel: null,
        claims: answer,
        token: null,
        clientId: null,
        expiresAt: noon + 60_000,
      },
    })
  })

  it('names no end where the answer names none', () => {
    expect(judgedAnswer(provider, good, noon)).toMatchObject({ principal: { expiresAt: null } })
  })
})
