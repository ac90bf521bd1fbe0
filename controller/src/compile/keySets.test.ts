import { describe, expect, it } from 'vitest'
import { publicKeysOf } from './keySets.ts'

const rsa = { kty: 'RSA', kid: '1', alg: 'RS256', use: 'sig', n: 'AQAB', e: 'AQAB' }
const ec = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }
const okp = { kty: 'OKP', crv: 'Ed25519', x: 'AA' }
const set = (...keys: unknown[]): string => JSON.stringify({ keys })

describe('publicKeysOf', () => {
  it('keeps the public members that a verifier needs, and nothing else', () => {
    expect(publicKeysOf(set({ ...rsa, x5c: ['MII'], x5u: 'https://evil.example', extra: { a: 1 } }))).toEqual([rsa])
    expect(publicKeysOf(set(ec, okp))).toEqual([ec, okp])
  })

  it('passes over keys of a type that is not known', () => {
    expect(publicKeysOf(set({ kty: 'AKP', pub: 'AA' }, ec))).toEqual([ec])
  })

  it.each<[string, string]>([
    ['no JSON', 'keys'],
    ['no object', '[]'],
    ['no keys', '{}'],
    ['an empty list', set()],
    ['a list of texts', set('key')],
    ['a symmetric key', set(ec, { kty: 'oct', k: 'AA' })],
    ['a private RSA key', set({ ...rsa, d: 'AA' })],
    ['a private RSA key by its primes', set({ ...rsa, p: 'AA' })],
    ['a private EC key', set({ ...ec, d: 'AA' })],
    ['a private key of a type that is not known', set({ kty: 'AKP', priv: 'AA' }, ec)],
    ['an RSA key without modulus', set({ kty: 'RSA', e: 'AQAB' })],
    ['an EC key with half a point', set({ kty: 'EC', crv: 'P-256', x: 'AA' })],
    ['a member of another type', set({ ...rsa, n: 1 })],
    ['only unknown types', set({ kty: 'AKP', pub: 'AA' })],
    ['more keys than anybody has', set(...Array.from({ length: 65 }, () => ec))],
  ])('refuses %s', (_, document) => {
    expect(publicKeysOf(document)).toBeNull()
  })
})
