import { describe, expect, it } from 'vitest'
import type { ClientCertificate } from '../gateway/facts.ts'
import { apiKeyProvider } from './apiKey.ts'
import { claim, type Claimants } from './claiming.ts'
import { presented } from './credential.ts'
import { locationsOf } from './location.ts'
import { mtlsProvider } from './mtls.ts'
import { assembled, introspectionProvider, jwtProvider, keySource, noon, presenting } from './policyFixture.ts'

const bearer = [{ header: 'authorization', prefix: 'Bearer ' }]
const staff = jwtProvider(keySource([]), {}, { name: 'staff' })
const guests = jwtProvider(keySource([]), { issuer: 'https://guests' }, { name: 'guests', hash: 'guests' })
const partners = apiKeyProvider(
  { name: 'partners', asserts: { roles: [], groups: [], tenants: [], plans: [] } },
  { object: 'x', level: 3 },
  [],
)
const mesh = (name: string, pattern: string) =>
  mtlsProvider(
    { name, broken: false },
    { type: 'Mtls', subjectAltNames: [{ type: 'DNS', pattern }], trust: null },
    { object: name, level: 3 },
    null,
  )

const opaque = introspectionProvider({ name: 'opaque' })

const claimants: Claimants = {
  locations: locationsOf([
    { provider: staff, from: [...bearer, { header: 'x-token', prefix: '' }] },
    { provider: guests, from: bearer },
    { provider: partners, from: [{ header: 'x-api-key', prefix: '' }, ...bearer] },
    { provider: staff, from: [{ header: 'x-any-token', prefix: '' }] },
    { provider: opaque, from: [{ header: 'x-any-token', prefix: '' }] },
  ]),
  mtls: [mesh('web', 'web.mesh'), mesh('job', '*.jobs')],
}

const token = (iss: unknown, header: unknown = { alg: 'RS256' }): string => assembled(header, { iss }, 'signature')
const certificate = (...dnsNames: string[]): ClientCertificate => ({
  fingerprint: 'f',
  notAfter: 4_000_000_000_000,
  uris: [],
  dnsNames,
  emails: [],
  addresses: [],
  anchor: 'a',
})

function claimed(headers: Record<string, string | string[]>, client: ClientCertificate | null = null): string {
  const claiming = claim(claimants, presenting(headers, {}, client), noon)
  return typeof claiming === 'string' ? claiming : claiming.provider.name
}

const good = token('https://idp')

describe('claim (M3)', () => {
  it.each<[string, Record<string, string | string[]>, string]>([
    ['nothing', {}, 'none'],
    ['other headers', { 'x-other': good, cookie: good }, 'none'],
    ['a token, by its issuer', { authorization: `Bearer ${good}` }, 'staff'],
    ['another issuer', { authorization: `Bearer ${token('https://guests')}` }, 'guests'],
    ['scheme in any case', { authorization: `bEARER ${good}` }, 'staff'],
    ['another place of the same provider', { 'x-token': good }, 'staff'],
    ['an opaque text where keys are taken', { authorization: 'Bearer key' }, 'partners'],
    ['a key', { 'x-api-key': 'key' }, 'partners'],
    ['a token where only keys are taken', { 'x-api-key': good }, 'partners'],
    ['an empty key', { 'x-api-key': '' }, 'partners'],
    ['an opaque token where servers are asked', { 'x-any-token': 'opaque' }, 'opaque'],
    ['a token of a jwt provider where servers are asked', { 'x-any-token': good }, 'staff'],
    ['a token that no jwt provider names, there', { 'x-any-token': token('https://evil') }, 'opaque'],
    ['a token without an issuer, there', { 'x-any-token': token(undefined) }, 'opaque'],
    ['what only looks like a token, there', { 'x-any-token': 'a.b.c' }, 'opaque'],
    ['an empty text, there', { 'x-any-token': '' }, 'unclaimed'],
    ['two words, there', { 'x-any-token': 'a b' }, 'unclaimed'],
    ['a text of other than ASCII, there', { 'x-any-token': 'gr\u00fcn' }, 'unclaimed'],
    ['a text longer than any token, there', { 'x-any-token': 'x'.repeat(16_385) }, 'unclaimed'],
    ['an issuer that no provider names', { authorization: `Bearer ${token('https://evil')}` }, 'unclaimed'],
    ['an issuer that is no text', { authorization: `Bearer ${token(['https://idp'])}` }, 'unclaimed'],
    ['no issuer', { authorization: `Bearer ${token(undefined)}` }, 'unclaimed'],
    ['a header that is no JSON', { authorization: `Bearer ${token('https://idp', '{')}` }, 'unclaimed'],
    ['a header that is a list', { authorization: `Bearer ${token('https://idp', '[]')}` }, 'unclaimed'],
    ['an opaque text where only tokens are taken', { 'x-token': 'key' }, 'unclaimed'],
    ['an encrypted token where only tokens are taken', { 'x-token': 'a.b.c.d.e' }, 'unclaimed'],
    ['an empty token', { 'x-token': '' }, 'unclaimed'],
    ['a token longer than any', { 'x-token': token('x'.repeat(17_000)) }, 'unclaimed'],
    ['another scheme', { authorization: 'Basic dTpw' }, 'unclaimed'],
    ['no scheme', { authorization: good }, 'unclaimed'],
    ['scheme without space', { authorization: `Bearer${good}` }, 'unclaimed'],
    ['scheme and a tab', { authorization: `Bearer\t${good}` }, 'unclaimed'],
    ['empty', { authorization: '' }, 'unclaimed'],
    ['two spaces', { 'x-token': ` ${good}` }, 'unclaimed'],
    ['a token beside text', { 'x-token': `${good}, ${good}` }, 'unclaimed'],
    ['a good one beside one that nobody claims', { authorization: `Bearer ${good}`, 'x-token': 'x' }, 'unclaimed'],
    ['one place twice', { authorization: [`Bearer ${good}`, `Bearer ${good}`] }, 'ambiguous'],
    ['one place twice, one empty', { 'x-api-key': ['key', ''] }, 'ambiguous'],
    ['two providers', { authorization: `Bearer ${good}`, 'x-api-key': 'key' }, 'ambiguous'],
    ['two tokens of one provider', { authorization: `Bearer ${good}`, 'x-token': good }, 'ambiguous'],
    ['two claimed and one not', { authorization: 'Basic x', 'x-token': good, 'x-api-key': 'key' }, 'ambiguous'],
  ])('%s', (_name, headers, expected) => {
    expect(claimed(headers)).toBe(expected)
  })

  it.each<[string, Record<string, string>, ClientCertificate, string]>([
    ['alone', {}, certificate('web.mesh'), 'web'],
    ['that no provider claims', {}, certificate('other.mesh'), 'none'],
    ['that two providers claim', {}, certificate('web.mesh', 'x.jobs'), 'ambiguous'],
    ['beside a key', { 'x-api-key': 'key' }, certificate('web.mesh'), 'partners'],
    ['beside what nobody claims', { authorization: 'Basic x' }, certificate('web.mesh'), 'unclaimed'],
  ])('a certificate %s', (_name, headers, client, expected) => {
    expect(claimed(headers, client)).toBe(expected)
  })

  it('lets two providers of one issuer and place claim nothing', () => {
    const twins = {
      locations: locationsOf([
        { provider: staff, from: bearer },
        { provider: { ...staff, name: 'twin' }, from: bearer },
      ]),
      mtls: [],
    }
    expect(claim(twins, presenting({ authorization: `Bearer ${good}` }), noon)).toBe('ambiguous')
  })

  it.each([
    ['a key', partners],
    ['another server', introspectionProvider({ name: 'twin' })],
  ])('lets nobody claim what %s could claim too', (_name, other) => {
    const both = {
      locations: locationsOf([
        { provider: opaque, from: bearer },
        { provider: other, from: bearer },
      ]),
      mtls: [],
    }
    expect(claim(both, presenting({ authorization: 'Bearer opaque' }), noon)).toBe('ambiguous')
  })

  it('lets overlapping prefixes claim nothing twice', () => {
    const all = [{ header: 'authorization', prefix: '' }]
    const overlapping = {
      locations: locationsOf([
        { provider: staff, from: bearer },
        { provider: partners, from: all },
      ]),
      mtls: [],
    }
    expect(claim(overlapping, presenting({ authorization: `Bearer ${good}` }), noon)).toBe('ambiguous')
  })

  it('recognises a remembered token without reading it', () => {
    const { digest } = presented('not even a token')
    staff.cache.set(staff.hash, digest, {
      verdict: { type: 'invalid', forged: false },
      keyId: 'k',
      expiresAt: noon + 1,
    })
    const known = { ...staff, keys: { ...keySource([]), has: () => true } }
    const locations = locationsOf([{ provider: known, from: bearer }])
    const request = presenting({ authorization: 'Bearer not even a token' })
    expect(claim({ locations, mtls: [] }, request, noon)).toMatchObject({ type: 'Remembered' })
  })
})
