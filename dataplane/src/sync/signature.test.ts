import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { statementBytes, type SignedRevision } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { isSignedBy, signingKeysIn } from './signature.ts'

const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()
const [current, next, stranger] = [1, 2, 3].map(() => generateKeyPairSync('ed25519'))
const statement = { installation: 'a/b', term: 1, sequence: 2, revision: '0'.repeat(64), issuedAt: 3 }

const signedBy = (key: KeyObject): SignedRevision => ({
  ...statement,
  signature: sign(null, statementBytes(statement), key).toString('base64url'),
})

describe('signing.pub', () => {
  it('holds one key or several', () => {
    expect(signingKeysIn(pem(current!.publicKey))).toHaveLength(1)
    expect(signingKeysIn(`${pem(current!.publicKey)}\n${pem(next!.publicKey)}`)).toHaveLength(2)
  })

  it.each([
    ['nothing', ''],
    ['a torn key', pem(current!.publicKey).replace('MCow', 'MCo')],
    ['another algorithm', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
    ['another algorithm beside a good one', pem(current!.publicKey) + pem(generateKeyPairSync('x25519').publicKey)],
    ['a private key', current!.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('is not used with %s', (_, text) => {
    expect(signingKeysIn(text)).toBeNull()
  })
})

describe('a signature', () => {
  const keys = [current!.publicKey, next!.publicKey]

  it('holds when one of the keys made it', () => {
    expect(isSignedBy(signedBy(current!.privateKey), keys)).toBe(true)
    expect(isSignedBy(signedBy(next!.privateKey), keys)).toBe(true)
    expect(isSignedBy(signedBy(stranger!.privateKey), keys)).toBe(false)
    expect(isSignedBy(signedBy(current!.privateKey), [])).toBe(false)
  })

  it.each([{ installation: 'a/c' }, { term: 2 }, { sequence: 3 }, { revision: '1'.repeat(64) }, { issuedAt: 4 }])(
    'does not hold for a statement with %j',
    (over) => {
      expect(isSignedBy({ ...signedBy(current!.privateKey), ...over }, keys)).toBe(false)
    },
  )
})
