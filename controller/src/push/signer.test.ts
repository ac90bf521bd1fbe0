import { generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ed25519Signer, signStatement, UnusableKeyError } from './signer.ts'

const pem = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()

const statement = { installation: 'a/b', term: 1, sequence: 2, revision: '0'.repeat(64), issuedAt: 3 }

describe('signing', () => {
  it('signs the canonical form of the five members', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const { signature, ...rest } = signStatement(ed25519Signer(pem(privateKey)), statement)
    expect(rest).toEqual(statement)
    const text = `{"installation":"a/b","issuedAt":3,"revision":"${'0'.repeat(64)}","sequence":2,"term":1}`
    expect(verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(signature).toMatch(/^[A-Za-z0-9_-]{86}$/)
  })

  it('names a key by its public half', () => {
    const one = pem(generateKeyPairSync('ed25519').privateKey)
    expect(ed25519Signer(one).keyId).toBe(ed25519Signer(one).keyId)
    expect(ed25519Signer(one).keyId).not.toBe(ed25519Signer(pem(generateKeyPairSync('ed25519').privateKey)).keyId)
  })

  it.each([
    ['text', 'no key'],
    ['another algorithm', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['a key for agreement', pem(generateKeyPairSync('x25519').privateKey)],
    ['a public key', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  ])('refuses %s', (_, text) => {
    expect(() => ed25519Signer(text)).toThrow(UnusableKeyError)
  })
})
