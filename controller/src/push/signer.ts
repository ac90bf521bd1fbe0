import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { statementBytes, type RevisionStatement, type SignedRevision } from '@gatehouse/contract'

/** Signs for the controllers of an installation. */
export interface Signer {
  /** Tells keys apart: SHA-256 of the public key. */
  readonly keyId: string
  /** @returns the 64 bytes of an Ed25519 signature (RFC 8032) */
  sign(bytes: Uint8Array): Uint8Array
}

/** The key is none that revisions can be signed with. */
export class UnusableKeyError extends Error {
  readonly code = 'UNUSABLE_SIGNING_KEY'
}

function privateKeyIn(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

/**
 * @param pem - Ed25519 private key, PKCS#8
 * @throws UnusableKeyError
 */
export function ed25519Signer(pem: string): Signer {
  const key = privateKeyIn(pem)
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new UnusableKeyError('signing.key is no Ed25519 private key in PKCS#8 PEM; make one with controller certs')
  }
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return { keyId: createHash('sha256').update(publicKey).digest('hex'), sign: (bytes) => sign(null, bytes, key) }
}

/** The statement under the signer's name. */
export const signStatement = (signer: Signer, statement: RevisionStatement): SignedRevision => ({
  ...statement,
  signature: Buffer.from(signer.sign(statementBytes(statement))).toString('base64url'),
})
