import { describe, expect, it } from 'vitest'
import { couldClaimTheSame, type Claimant } from './claims.ts'

type Location = NonNullable<Claimant['spec']['apiKey']>['from'][number]

const bearer: Location = { header: 'Authorization', prefix: 'Bearer ' }

const jwt = (issuer: string, ...from: Location[]): Claimant => ({
  anchors: null,
  spec: {
    name: 'jwt',
    jwt: { issuer, audiences: ['a'], algorithms: ['ES256'], jwks: { inline: '{}' }, from, clockSkew: '0s' },
  },
})
const key = (...from: Location[]): Claimant => ({
  anchors: null,
  spec: { name: 'key', apiKey: { from, secretSelector: { matchLabels: { a: 'b' } } } },
})
const introspection = (issuer: string, ...from: Location[]): Claimant => ({
  anchors: null,
  spec: {
    name: 'opaque',
    introspection: {
      url: 'https://idp.example/',
      clientSecretRef: { group: '', kind: 'Secret', name: 'idp' },
      issuer,
      audiences: ['a'],
      from,
      cacheTTL: '30s',
      negativeTTL: '5s',
      timeout: '1s',
      maxInFlight: 1,
    },
  },
})
const mtls = (
  type: 'URI' | 'DNS' | 'Email' | 'IP',
  pattern: string,
  anchors: readonly string[] | null = null,
): Claimant => ({
  anchors,
  spec: { name: 'mtls', mtls: { subjectAltNames: [{ type, pattern }] } },
})
const anonymous: Claimant = { anchors: null, spec: { name: 'public', anonymous: {} } }

describe('couldClaimTheSame', () => {
  it.each<[string, Claimant, Claimant, boolean]>([
    ['tokens of one issuer in one place', jwt('i', bearer), jwt('i', bearer), true],
    ['tokens of two issuers in one place', jwt('i', bearer), jwt('j', bearer), false],
    ['tokens of one issuer in two places', jwt('i', bearer), jwt('i', { header: 'x-token' }), false],
    [
      'the same header and prefix in another case',
      jwt('i', bearer),
      jwt('i', { header: 'authorization', prefix: 'bearer ' }),
      true,
    ],
    ['one of several places', jwt('i', { header: 'x-a' }, bearer), jwt('i', { header: 'x-b' }, bearer), true],
    ['keys in one header', key({ header: 'X-Key' }), key({ header: 'x-key' }), true],
    [
      'keys behind prefixes of which one begins with the other',
      key({ header: 'x' }),
      key({ header: 'x', prefix: 'K ' }),
      true,
    ],
    ['keys behind different prefixes', key({ header: 'x', prefix: 'A ' }), key({ header: 'x', prefix: 'B ' }), false],
    ['a token and a key in one place, which the form tells apart', jwt('i', bearer), key(bearer), false],
    ['a token behind a prefix and a key without one', jwt('i', bearer), key({ header: 'authorization' }), true],
    ['a token and a key in two headers', jwt('i', bearer), key({ header: 'x-key' }), false],
    ['tokens of one issuer in one cookie', jwt('i', { cookie: 'a' }), jwt('i', bearer, { cookie: 'a' }), true],
    ['tokens of one issuer in cookies of other case', jwt('i', { cookie: 'a' }), jwt('i', { cookie: 'A' }), false],
    ['tokens of one issuer in one parameter', jwt('i', { query: 'a' }), jwt('i', { query: 'a' }), true],
    ['a cookie and a parameter of one name', jwt('i', { cookie: 'a' }), jwt('i', { query: 'a' }), false],
    ['a header and a cookie of one name', jwt('i', { header: 'a' }), jwt('i', { cookie: 'a' }), false],
    ['keys in one cookie', key({ cookie: 'a' }), key({ cookie: 'a' }), true],
    [
      'a token and a key in one cookie, which the form tells apart',
      jwt('i', { cookie: 'a' }),
      key({ cookie: 'a' }),
      false,
    ],
    ['a token and introspection in one place', jwt('i', bearer), introspection('i', bearer), false],
    [
      'a token behind a prefix and introspection without one',
      jwt('i', bearer),
      introspection('j', { header: 'authorization' }),
      true,
    ],
    ['a key and introspection in one place', key(bearer), introspection('i', bearer), true],
    ['a key and introspection in one cookie', key({ cookie: 'a' }), introspection('i', { cookie: 'a' }), true],
    ['a key and introspection in two places', key({ header: 'x-key' }), introspection('i', bearer), false],
    ['introspection twice in one place', introspection('i', bearer), introspection('j', bearer), true],
    ['introspection in two places', introspection('i', bearer), introspection('i', { header: 'x' }), false],
    ['introspection and a certificate', introspection('i', bearer), mtls('URI', '*'), false],
    ['certificates with equal names', mtls('URI', 'spiffe://a/b'), mtls('URI', 'spiffe://a/b'), true],
    ['certificates by a wildcard each', mtls('URI', 'spiffe://a/*/c'), mtls('URI', 'spiffe://a/b/*'), true],
    ['certificates with names of other lengths', mtls('URI', 'spiffe://a/*'), mtls('URI', 'spiffe://a/b/c'), false],
    ['certificates with DNS names in another case', mtls('DNS', 'A.example'), mtls('DNS', '*.example'), true],
    ['certificates with names of two types', mtls('DNS', '*'), mtls('URI', '*'), false],
    ['certificates of two authorities', mtls('URI', '*', ['x']), mtls('URI', '*', ['y']), false],
    ['certificates of one authority among several', mtls('URI', '*', ['x', 'z']), mtls('URI', '*', ['z']), true],
    ['certificates of any and of one authority', mtls('URI', '*'), mtls('URI', '*', ['y']), true],
    ['a certificate and a token', mtls('URI', '*'), jwt('i', bearer), false],
    ['an anonymous caller twice', anonymous, anonymous, false],
    ['one e-mail address and all of its domain', mtls('Email', '*@A.example'), mtls('Email', 'x@a.example'), true],
    ['one e-mail address in two cases', mtls('Email', 'X@a.example'), mtls('Email', 'x@a.example'), false],
    ['two domains', mtls('Email', '*@a.example'), mtls('Email', '*@b.example'), false],
    ['an address in a range', mtls('IP', '10.1.2.3'), mtls('IP', '10.0.0.0/8'), true],
    ['two ranges', mtls('IP', '10.0.0.0/8'), mtls('IP', '11.0.0.0/8'), false],
    ['ranges of two families', mtls('IP', '::/0'), mtls('IP', '0.0.0.0/0'), false],
    ['the same text of two types', mtls('IP', '10.0.0.1'), mtls('DNS', '10.0.0.1'), false],
  ])('%s', (_, a, b, expected) => {
    expect(couldClaimTheSame(a, b)).toBe(expected)
    expect(couldClaimTheSame(b, a)).toBe(expected)
  })
})
