import { generateKeyPairSync } from 'node:crypto'

/** A new key pair that tokens of service accounts are signed with, as the files `sa.key` and `sa.pub`. */
export function accountKeys(): Readonly<Record<'sa.key' | 'sa.pub', string>> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    'sa.key': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'sa.pub': publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}
