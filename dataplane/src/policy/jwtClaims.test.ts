import { describe, expect, it } from 'vitest'
import { jsonObject } from './claims.ts'
import { principalOf } from './jwtClaims.ts'
import { goodClaims, jwtProvider, keySource, noon } from './policyFixture.ts'
import type { JwtProvider } from './jwtProvider.ts'

const keys = keySource([])
const now = noon / 1000

/** A claim as JSON writes it, so that every type can be tried; undefined leaves it out. */
function judge(claims: Record<string, unknown>, provider: JwtProvider = jwtProvider(keys)) {
  const parsed = jsonObject(JSON.stringify({ ...goodClaims, ...claims }))
  return principalOf(provider, parsed!, noon)
}

describe('claims of a token', () => {
  it.each<[string, Record<string, unknown>]>([
    ['as they are', {}],
    ['audience in a list', { aud: ['other', 'orders'] }],
    ['without iat', { iat: undefined }],
    ['nbf now', { nbf: now }],
    ['fractions of a second', { exp: now + 0.5 }],
    ['very far exp', { exp: 1e300 }],
  ])('%s: good', (_name, claims) => {
    expect(judge(claims)).not.toBeNull()
  })

  it.each<[string, Record<string, unknown>]>([
    ['no exp', { exp: undefined }],
    ['exp null', { exp: null }],
    ['exp as text', { exp: String(now + 60) }],
    ['exp true', { exp: true }],
    ['exp in a list', { exp: [now + 60] }],
    ['exp object', { exp: {} }],
    ['exp now', { exp: now }],
    ['exp past', { exp: now - 1 }],
    ['exp zero', { exp: 0 }],
    ['exp negative', { exp: -1 }],
    ['nbf ahead', { nbf: now + 1 }],
    ['nbf as text', { nbf: String(now) }],
    ['nbf null', { nbf: null }],
    ['nbf object', { nbf: {} }],
    ['iat as text', { iat: 'yesterday' }],
    ['iat null', { iat: null }],
    ['no iss', { iss: undefined }],
    ['iss list (CVE-2025-30144)', { iss: ['https://idp'] }],
    ['iss that begins alike', { iss: 'https://idp.evil' }],
    ['iss part (CVE-2024-53861)', { iss: 'https://id' }],
    ['iss in other case', { iss: 'https://IDP' }],
    ['iss with a slash', { iss: 'https://idp/' }],
    ['iss empty', { iss: '' }],
    ['no aud', { aud: undefined }],
    ['aud other', { aud: 'other' }],
    ['aud part', { aud: 'order' }],
    ['aud longer', { aud: 'orders2' }],
    ['aud empty list', { aud: [] }],
    ['aud list with a number', { aud: ['orders', 1] }],
    ['aud nested list', { aud: [['orders']] }],
    ['aud object', { aud: { orders: true } }],
    ['aud null', { aud: null }],
    ['no sub', { sub: undefined }],
    ['sub empty', { sub: '' }],
    ['sub number', { sub: 7 }],
    ['sub list', { sub: ['ada'] }],
    ['sub long', { sub: 'a'.repeat(1025) }],
    ['roles object', { roles: { admin: true } }],
    ['roles with a number', { roles: ['admin', 1] }],
    ['roles number', { roles: 1 }],
    ['scope number', { scope: 1 }],
    ['tenant number', { tid: 7 }],
    ['tenant list', { tid: ['acme'] }],
    ['groups object', { groups: { a: 1 } }],
    ['groups with a list', { groups: ['a', ['b']] }],
    ['more groups than any token needs', { groups: Array.from({ length: 1025 }, (_, at) => `g${at}`) }],
    ['plan list', { plan: ['gold'] }],
    ['plan number', { plan: 1 }],
    ['acr number', { acr: 1 }],
    ['acr list', { acr: ['gold'] }],
  ])('%s: refused', (_name, claims) => {
    expect(judge(claims)).toBeNull()
  })

  it.each(['{"exp":NaN}', '{"exp":Infinity}', '{"exp":1e}'])('%s is no JSON', (text) => {
    expect(jsonObject(text)).toBeNull()
  })

  it.each([
    ['exp beyond all numbers', /"exp":\d+/, '"exp":1e400'],
    ['sub twice', '"sub":"ada"', '"sub":"ada","sub":"root"'],
    ['sub twice, once in disguise', '"sub":"ada"', '"sub":"ada","\\u0073ub":"root"'],
    ['a member twice deep inside', '"sub":"ada"', '"sub":"ada","a":[{"b":1,"b":1}]'],
    ['half a character', '"sub":"ada"', '"sub":"\\ud800"'],
    ['deeper than any token', '"sub":"ada"', `"sub":"ada","a":${'['.repeat(40)}${']'.repeat(40)}`],
  ])('%s is no JSON', (_name, part, other) => {
    expect(jsonObject(JSON.stringify(goodClaims).replace(part, other))).toBeNull()
  })

  it('does not take members of the prototype for claims', () => {
    const text = JSON.stringify(goodClaims).replace('"sub":"ada"', '"__proto__":{"sub":"ada"}')
    expect(principalOf(jwtProvider(keys), jsonObject(text)!, noon)).toBeNull()
    const deep = jwtProvider(keys, {
      map: {
        roles: ['constructor', 'name'],
        scopes: null,
        groups: null,
        tenant: ['__proto__', 'x'],
        plan: null,
        trustLevel: null,
      },
    })
    expect(judge({}, deep)).toMatchObject({ roles: [], tenant: null })
    const inherited = jwtProvider(keys, {
      map: {
        roles: ['toString'],
        scopes: ['valueOf'],
        groups: null,
        tenant: ['constructor'],
        plan: null,
        trustLevel: null,
      },
    })
    expect(judge({}, inherited)).toMatchObject({ roles: [], scopes: [], tenant: null })
  })

  it('moves exp and nbf by the clock skew, and keeps the token as long', () => {
    const skewed = jwtProvider(keys, { clockSkew: 30_000 })
    expect(judge({ exp: now - 29 }, skewed)?.expiresAt).toBe(noon + 1000)
    expect(judge({ exp: now - 30 }, skewed)).toBeNull()
    expect(judge({ nbf: now + 30 }, skewed)).not.toBeNull()
    expect(judge({ nbf: now + 31 }, skewed)).toBeNull()
  })
})

describe('the age of a token', () => {
  const young = jwtProvider(keys, { maxTokenAge: 60_000 })

  it.each<[string, Record<string, unknown>]>([
    ['no iat', { iat: undefined }],
    ['iat null', { iat: null }],
    ['iat as text', { iat: String(now) }],
    ['iat to come', { iat: now + 1 }],
    ['iat too long ago', { iat: now - 60 }],
    ['iat at the beginning of time', { iat: -1e300 }],
  ])('%s: refused', (_name, claims) => {
    expect(judge({ exp: now + 3600, ...claims }, young)).toBeNull()
  })

  it('ends it before its exp, and is moved by the clock skew', () => {
    expect(judge({ exp: now + 3600, iat: now - 59 }, young)?.expiresAt).toBe(noon + 1000)
    expect(judge({ exp: now + 1, iat: now }, young)?.expiresAt).toBe(noon + 1000)
    const skewed = jwtProvider(keys, { maxTokenAge: 60_000, clockSkew: 5000 })
    expect(judge({ exp: now + 3600, iat: now + 5 }, skewed)).not.toBeNull()
    expect(judge({ exp: now + 3600, iat: now + 6 }, skewed)).toBeNull()
    expect(judge({ exp: now + 3600, iat: now - 64 }, skewed)?.expiresAt).toBe(noon + 1000)
  })
})

describe('principals', () => {
  it('are named by provider object, issuer and subject', () => {
    const principal = judge({ sub: 'a"b' })!
    expect(principal.id).toBe('["shop/p/staff","https://idp","a\\"b"]')
    expect(principal).toMatchObject({ provider: 'staff', providerObject: 'shop/p/staff', level: 3, clientId: null })
  })

  it.each<[unknown, readonly string[]]>([
    [
      ['admin', 'user'],
      ['admin', 'user'],
    ],
    ['admin user', ['admin user']],
    [[], []],
    [null, []],
    [undefined, []],
  ])('roles %j are %j', (roles, expected) => {
    expect(judge({ roles })?.roles).toEqual(expected)
  })

  it.each<[unknown, readonly string[]]>([
    ['a b  c ', ['a', 'b', 'c']],
    [
      ['a', 'b c'],
      ['a', 'b c'],
    ],
    ['', []],
  ])('scopes %j are %j', (scope, expected) => {
    expect(judge({ scope })?.scopes).toEqual(expected)
  })

  it('read attributes at a path of own members', () => {
    const provider = jwtProvider(keys, {
      map: {
        roles: ['realm_access', 'roles'],
        scopes: null,
        groups: null,
        tenant: ['org', 'id'],
        plan: null,
        trustLevel: null,
      },
    })
    const principal = judge({ realm_access: { roles: ['x'] }, org: { id: 'acme' }, scope: 'ignored' }, provider)
    expect(principal).toMatchObject({ roles: ['x'], tenant: 'acme', scopes: [] })
    expect(judge({ realm_access: 'text', org: [] }, provider)).toMatchObject({ roles: [], tenant: null })
  })

  it('have groups, a plan and a trust level by the table', () => {
    expect(judge({ groups: ['eng', 'ops'], plan: 'gold', acr: 'gold' })).toMatchObject({
      groups: ['eng', 'ops'],
      plan: 'gold',
      trustLevel: 2,
    })
    expect(judge({ groups: 'eng', plan: '', acr: 'bronze' })).toMatchObject({
      groups: ['eng'],
      plan: null,
      trustLevel: null,
    })
    for (const acr of ['__proto__', 'toString', undefined, '']) expect(judge({ acr })?.trustLevel).toBeNull()
  })

  it('assert at most what the provider may', () => {
    const few = jwtProvider(keys, {}, { asserts: { roles: [], groups: ['eng'], tenants: [], plans: ['silver'] } })
    expect(judge({ groups: ['eng', 'ops'], plan: 'gold' }, few)).toMatchObject({ groups: ['eng'], plan: null })
    expect(judge({ plan: 'silver' }, few)?.plan).toBe('silver')
    const narrow = jwtProvider(keys, {}, { asserts: { roles: ['user'], groups: [], tenants: ['acme'], plans: [] } })
    expect(judge({ roles: ['admin', 'user'], tid: 'acme' }, narrow)).toMatchObject({ roles: ['user'], tenant: 'acme' })
    expect(judge({ tid: 'other' }, narrow)?.tenant).toBeNull()
    const nothing = jwtProvider(keys, {}, { asserts: { roles: [], groups: [], tenants: [], plans: [] } })
    expect(judge({ roles: ['admin', '*'], tid: '*' }, nothing)).toMatchObject({ roles: [], tenant: null })
  })
})
