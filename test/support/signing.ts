import { generateKeyPairSync } from 'node:crypto'
import {
  revisionOf,
  type RevisionStatement,
  type SealedResource,
  type SignedRevision,
  type Update,
} from '@gatehouse/contract'
import { ed25519Signer, signStatement } from '../../controller/src/push/signer.ts'

/** What controllers sign with, and what data planes check that with, as PEM. */
export interface SigningKeys {
  readonly privateKey: string
  readonly publicKey: string
}

/** A new Ed25519 key. */
export function createSigningKeys(): SigningKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

/** A statement of term 1 and sequence 1 for `gatehouse-system/edge`, unless told otherwise. */
export const signedFor = (
  { privateKey }: SigningKeys,
  resources: readonly SealedResource[],
  over: Partial<RevisionStatement> = {},
): SignedRevision =>
  signStatement(ed25519Signer(privateKey), {
    installation: 'gatehouse-system/edge',
    term: 1,
    sequence: 1,
    revision: revisionOf(resources),
    issuedAt: Date.now(),
    ...over,
  })

/** A sound update that carries everything. */
export const fullUpdate = (
  keys: SigningKeys,
  resources: readonly SealedResource[],
  over: Partial<RevisionStatement> = {},
): Update => ({
  type: 'update',
  ...signedFor(keys, resources, over),
  base: null,
  complete: true,
  set: [...resources],
  removed: [],
})
