import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { pushIdentity, type ObjectName, type PushRole } from '@gatehouse/contract'
import type { KeyedIssuer, SigningPair } from './state.ts'

/** A leaf and its key, as PEM. */
export interface PushLeaf {
  readonly certificate: string
  readonly privateKey: string
}

/** Where new keys and certificates come from. `now` is milliseconds since the epoch. */
export interface Mint {
  issuer(now: number): Promise<KeyedIssuer>
  leaf(issuer: KeyedIssuer, role: PushRole, now: number): Promise<PushLeaf>
  signingPair(): SigningPair
}

/** The library of certificates is large and needed a few times a year: it is loaded then, and not at every start. */
const certificates = () => import('./certificates.ts')

/** Makes the key pair that revisions are signed and verified with. */
export function makeSigningPair(): SigningPair {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  }
}

/** New material for one installation. */
export const mintFor = (installation: ObjectName): Mint => ({
  issuer: async (now) => (await certificates()).makeIssuer(now),
  leaf: async (issuer, role, now) =>
    (await certificates()).issueLeaf(issuer, pushIdentity(installation, role), role, now),
  signingPair: makeSigningPair,
})
