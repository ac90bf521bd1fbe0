import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { compareStatements, statementBytes, type NackReason, type SignedRevision } from '@gatehouse/contract'

const publicKeyBlock = /-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g

function publicKeyIn(pem: string): KeyObject | null {
  try {
    return createPublicKey(pem)
  } catch {
    return null
  }
}

/**
 * The keys of `signing.pub`: the current one of the controllers, then the next.
 *
 * @returns null when there is none, or one is no Ed25519 public key in PEM
 */
export function signingKeysIn(text: string): readonly KeyObject[] | null {
  const keys = (text.match(publicKeyBlock) ?? []).map(publicKeyIn)
  const sound = keys.filter((key) => key?.asymmetricKeyType === 'ed25519')
  return sound.length > 0 && sound.length === keys.length ? (sound as readonly KeyObject[]) : null
}

/** Whether one of the keys made the signature (RFC 8032). */
export function isSignedBy(signed: SignedRevision, keys: readonly KeyObject[]): boolean {
  const bytes = statementBytes(signed)
  const signature = Buffer.from(signed.signature, 'base64url')
  return keys.some((key) => verify(null, bytes, key, signature))
}

/**
 * Whether a statement may follow the last one that was believed: never an earlier one, and never another revision in its
 * place. The same one may come again, as it does at the start of a session.
 *
 * @returns why not, or null
 */
export function misplaced(signed: SignedRevision, last: SignedRevision | null): NackReason | null {
  if (last === null) return null
  if (signed.term < last.term) return 'StaleTerm'
  const order = compareStatements(signed, last)
  if (order < 0) return 'StaleSequence'
  return order === 0 && signed.revision !== last.revision ? 'RevisionConflict' : null
}
