import { createPrivateKey, createPublicKey } from 'node:crypto'
import { sha256, type Resource } from '@gatehouse/contract'
import { secretTypes, type WorldObject } from '../world.ts'
import { memoised } from './memo.ts'
import type { InstallationRef } from './options.ts'
import { decodedText, member } from './raw.ts'

/** The Secret with the keys that sign requests to backends. It is made and renewed beside those of the push channel. */
export const tokenKeysSecret = ({ name }: InstallationRef): string => `${name}-token-keys`
export const tokenKeysType = secretTypes.tokenKeys

/** A key that signs from some moment on. */
export interface TokenKey {
  readonly kid: string
  /** Milliseconds since the epoch. */
  readonly from: number
  /** Ed25519, PKCS#8 PEM. */
  readonly privateKey: string
}

const entryName = /^(\d{1,15})\.pem$/

/** @returns the keys of a Secret, the oldest first; null when it holds none, or something else */
export function tokenKeysIn(entries: readonly (readonly [name: string, text: string])[]): readonly TokenKey[] | null {
  try {
    const keys = entries.map(([name, privateKey]): TokenKey => {
      const from = Number(entryName.exec(name)?.[1])
      if (!Number.isSafeInteger(from)) throw new TypeError('not the name of a key')
      return { kid: thumbprint(privateKey), from, privateKey }
    })
    return keys.length === 0 ? null : keys.toSorted((a, b) => a.from - b.from)
  } catch {
    return null
  }
}

/** What the world is told of a public key (RFC 8037). */
export function publicTokenKey({ kid, privateKey }: TokenKey) {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x: x ?? '' }
}

/** RFC 7638, of an Ed25519 key as RFC 8037 writes it. */
function thumbprint(privateKey: string): string {
  const key = createPrivateKey(privateKey)
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key')
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return Buffer.from(sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`), 'hex').toString('base64url')
}

const keysOf = memoised((secret: WorldObject): readonly TokenKey[] | null => {
  const data = secret.raw['data']
  if (secret.raw['type'] !== tokenKeysType || typeof data !== 'object' || data === null) return null
  return tokenKeysIn(Object.keys(data).map((name) => [name, decodedText(member(data, name)) ?? '']))
})

/** The keys of an installation and the Secret that they are in; null when there are none. */
export function tokenKeysOf(
  secrets: ReadonlyMap<string, WorldObject>,
  ref: InstallationRef,
): { readonly secret: WorldObject; readonly keys: readonly TokenKey[] } | null {
  const secret = secrets.get(`${ref.namespace}/${tokenKeysSecret(ref)}`)
  const keys = secret ? keysOf(secret) : null
  return secret && keys ? { secret, keys: keys.slice(-4) } : null
}

/** `iss` of the tokens of an installation. */
export const tokenIssuer = ({ namespace, name }: InstallationRef): string => `urn:gatehouse:${namespace}:${name}`

export const tokenKeysResource = (ref: InstallationRef, keys: readonly TokenKey[]): Resource => ({
  kind: 'tokenKeys',
  name: 'tokens',
  spec: { issuer: tokenIssuer(ref), keys: keys.map((key) => ({ ...key })) },
})
