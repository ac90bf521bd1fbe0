import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verificationKeys } from './verificationKeys.ts'

const jwk = (key: KeyObject): Record<string, unknown> => ({ ...key.export({ format: 'jwk' }) })
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsa = jwk(rsaPair.publicKey)
const ec = jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
const ed = jwk(generateKeyPairSync('ed25519').publicKey)

const algorithms = (...keys: unknown[]) => verificationKeys(keys, 8)?.map((key) => key.algorithms)

describe('verificationKeys', () => {
  const all = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
  it.each<[string, unknown, readonly string[]]>([
    ['RSA', rsa, all],
    ['RSA with alg', { ...rsa, alg: 'RS256' }, ['RS256']],
    ['RSA with use and operations', { ...rsa, use: 'sig', key_ops: ['verify'] }, all],
    ['P-256', ec, ['ES256']],
    ['P-384', jwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), ['ES384']],
    ['P-521', jwk(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey), ['ES512']],
    ['Ed25519', ed, ['EdDSA']],
  ])('%s', (_name, key, expected) => {
    expect(algorithms(key)).toEqual([expected])
  })

  it.each<[string, unknown]>([
    ['RSA of 1024 bits', jwk(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
    ['RSA with exponent 3', jwk(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey)],
    ['RSA with exponent 1', { ...rsa, e: 'AQ' }],
    ['RSA with an even exponent', { ...rsa, e: 'AQAA' }],
    ['RSA with a huge exponent', { ...rsa, e: 'AQAAAAE' }],
    ['RSA with a huge modulus', { ...rsa, n: `${'_'.repeat(1500)}8` }],
    ['RSA without modulus', { ...rsa, n: undefined }],
    ['secp256k1', jwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)],
    ['curve of another key', { ...ec, crv: 'P-384' }],
    ['point off the curve', { ...ec, y: ec['x'] }],
    ['Ed448', jwk(generateKeyPairSync('ed448').publicKey)],
    ['X25519', jwk(generateKeyPairSync('x25519').publicKey)],
    ['alg of another type', { ...rsa, alg: 'ES256' }],
    ['alg HS256', { ...rsa, alg: 'HS256' }],
    ['alg none', { ...rsa, alg: 'none' }],
    ['alg for encryption', { ...rsa, alg: 'RSA-OAEP' }],
    ['alg that is no text', { ...rsa, alg: ['RS256'] }],
    ['kid that is no text', { ...rsa, kid: 1 }],
    ['use for encryption', { ...rsa, use: 'enc' }],
    ['operations without verify', { ...rsa, key_ops: ['encrypt'] }],
    ['operations that are no list', { ...rsa, key_ops: 'verify' }],
    ['unknown type', { kty: 'XYZ', x: 'AA' }],
    ['no type', {}],
  ])('passes over: %s', (_name, key) => {
    expect(algorithms(key, ed)).toEqual([['EdDSA']])
  })

  it.each<[string, unknown]>([
    ['no list', { keys: [] }],
    ['null', null],
    ['a key that is no object', [rsa, 'x']],
    ['a key that is a list', [[rsa]]],
    ['a private key', [ed, jwk(rsaPair.privateKey)]],
    ['only d', [ed, { ...rsa, d: 'AA' }]],
    ['a symmetric key', [ed, { kty: 'oct', k: 'AAAA' }]],
    ['a symmetric key without value', [ed, { kty: 'oct' }]],
    ['k in another type', [{ ...rsa, k: 'AAAA' }]],
    ['more keys than may be', Array.from({ length: 9 }, () => ed)],
  ])('takes nothing of: %s', (_name, keys) => {
    expect(verificationKeys(keys, 8)).toBeNull()
  })

  it('names a key by what it is', () => {
    const [a, b, c, d] = verificationKeys([rsa, { ...rsa, kid: 'x' }, { ...rsa, alg: 'RS256' }, ec], 8)!
    expect(a!.id).toBe(b!.id)
    expect(new Set([a!.id, c!.id, d!.id]).size).toBe(3)
  })
})
