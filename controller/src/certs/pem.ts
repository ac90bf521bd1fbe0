import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'

/** Readers of PEM that give null for what is not what it should be. */

function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

const blocksOf = (text: string, label: string): readonly string[] =>
  text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g')) ?? []

/** Null unless the text is certificates, at least one, and nothing else that matters. */
export function certificatesOf(text: string): readonly X509Certificate[] | null {
  const blocks = blocksOf(text, 'CERTIFICATE')
  return blocks.length === 0 ? null : attempt(() => blocks.map((block) => new X509Certificate(block)))
}

export const privateKeyOf = (text: string): KeyObject | null => attempt(() => createPrivateKey(text))

const publicPem = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()

/** The public key of an Ed25519 private key, as PEM. */
export function signingKeyOf(text: string): string | null {
  const key = privateKeyOf(text)
  return key?.asymmetricKeyType === 'ed25519' ? attempt(() => publicPem(key)) : null
}

/** Public Ed25519 keys, each as Node writes it; null when one is something else. */
export function publicKeysOf(text: string): readonly string[] | null {
  const keys = attempt(() => blocksOf(text, 'PUBLIC KEY').map((block) => createPublicKey(block)))
  const isSigningKey = (key: KeyObject): boolean => key.asymmetricKeyType === 'ed25519'
  return keys?.every(isSigningKey) ? keys.map((key) => key.export({ type: 'spki', format: 'pem' }).toString()) : null
}
