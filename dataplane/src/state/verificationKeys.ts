import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'

/** A public key and what it may verify. */
export interface VerificationKey {
  /** SHA-256 of the public key and its algorithms; a key that changes is another key. */
  readonly id: string
  readonly kid: string | null
  /** Those that fit the key's type and size, and its `alg` when it has one (RFC 8725 3.1). */
  readonly algorithms: readonly string[]
  readonly key: KeyObject
}

const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const byCurve = new Map([
  ['P-256', ['ES256']],
  ['P-384', ['ES384']],
  ['P-521', ['ES512']],
])

/** RFC 7518 3.3 asks for 2048 bits; beyond 8192 one signature costs too much to check. */
const minModulus = 2048
const maxModulus = 8192
/** FIPS 186-5: an odd exponent above 2^16; bounded, because checking a signature raises to it. */
const minExponent = 65_537n
const maxExponent = 2n ** 32n

/** Members of private and symmetric keys: whoever reads a set with one could sign (RFC 7518 6). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

type Members = Readonly<Record<string, unknown>>

/**
 * The keys of a JWK Set (RFC 7517 5) that could verify a signature. Keys of unknown types and uses are passed over, and
 * so are weak ones; one secret key spoils the whole set.
 *
 * @returns null when it is no key set, holds a secret key, or more than `most` keys
 */
export function verificationKeys(keys: unknown, most: number): readonly VerificationKey[] | null {
  if (!Array.isArray(keys) || keys.length > most) return null
  const found: VerificationKey[] = []
  for (const jwk of keys as readonly unknown[]) {
    if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return null
    const members = jwk as Members
    if (members['kty'] === 'oct' || secretMembers.some((name) => Object.hasOwn(members, name))) return null
    const key = verificationKey(members)
    if (key !== null) found.push(key)
  }
  return found
}

function verificationKey(jwk: Members): VerificationKey | null {
  const { kid, alg } = jwk
  if ((kid !== undefined && typeof kid !== 'string') || (alg !== undefined && typeof alg !== 'string')) return null
  if (!mayVerify(jwk)) return null
  const key = publicKey(jwk)
  if (key === null) return null
  const algorithms = algorithmsOf(key, jwk['crv']).filter((fitting) => alg === undefined || fitting === alg)
  if (algorithms.length === 0) return null
  const material = key.export({ type: 'spki', format: 'der' })
  const id = createHash('sha256').update(material).update(algorithms.join(' ')).digest('hex')
  return { id, kid: kid ?? null, algorithms, key }
}

function mayVerify(jwk: Members): boolean {
  const { use, key_ops: operations } = jwk
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

function publicKey(jwk: Members): KeyObject | null {
  const { kty, n, e, crv, x, y } = jwk
  try {
    return createPublicKey({ key: { kty, n, e, crv, x, y } as JsonWebKey, format: 'jwk' })
  } catch {
    return null
  }
}

function algorithmsOf(key: KeyObject, curve: unknown): readonly string[] {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const sound = publicExponent % 2n === 1n && publicExponent >= minExponent && publicExponent < maxExponent
      return sound && modulusLength >= minModulus && modulusLength <= maxModulus ? rsa : []
    }
    case 'ec':
      return byCurve.get(String(curve)) ?? []
    case 'ed25519':
      return ['EdDSA']
    default:
      return []
  }
}
