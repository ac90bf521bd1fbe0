import type { Secret } from '../kube/secrets.ts'
import { signingSinceAnnotation } from './names.ts'
import { certificatesOf, privateKeyOf, publicKeysOf, signingKeyOf } from './pem.ts'
import type { AuthorityState, Issuer, KeyedIssuer, SigningPair } from './state.ts'

/** An entry of the Secret of the authority that is missing or not what it should be. */
export class DamagedEntryError extends Error {
  readonly entry: string

  constructor(entry: string) {
    super(`${entry} is damaged`)
    this.entry = entry
  }
}

function issuerIn({ data }: Secret, entry: string): Issuer {
  const text = data.get(entry) ?? ''
  const [certificate, ...others] = certificatesOf(text) ?? []
  if (!certificate?.ca || others.length > 0) throw new DamagedEntryError(entry)
  return {
    id: certificate.fingerprint256,
    certificate: `${certificate.toString().trim()}\n`,
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
  }
}

function keyedIssuerIn(secret: Secret, name: 'ca' | 'ca-next'): KeyedIssuer {
  const issuer = issuerIn(secret, `${name}.crt`)
  const privateKey = secret.data.get(`${name}.key`) ?? ''
  const key = privateKeyOf(privateKey)
  const [certificate] = certificatesOf(issuer.certificate) ?? []
  if (!key || !certificate?.checkPrivateKey(key)) throw new DamagedEntryError(`${name}.key`)
  return { ...issuer, privateKey }
}

function signingPairIn({ data }: Secret, entry: string): SigningPair {
  const privateKey = data.get(entry) ?? ''
  const publicKey = signingKeyOf(privateKey)
  if (publicKey === null) throw new DamagedEntryError(entry)
  return { privateKey, publicKey }
}

function publicKeyIn({ data }: Secret, entry: string): string {
  const [key, ...others] = publicKeysOf(data.get(entry) ?? '') ?? []
  if (key === undefined || others.length > 0) throw new DamagedEntryError(entry)
  return key
}

/** Milliseconds since the epoch of a time in an annotation; null when there is none. */
export function timeIn({ annotations }: Secret, annotation: string): number | null {
  const time = Date.parse(annotations.get(annotation) ?? '')
  return Number.isNaN(time) ? null : time
}

const issuerEntries = ['ca.crt', 'ca.key', 'ca-next.crt', 'ca-next.key', 'ca-previous.crt'] as const

function issuersIn(secret: Secret): AuthorityState['issuers'] {
  const has = (entry: string): boolean => secret.data.has(entry)
  if (!issuerEntries.some(has)) return null
  return {
    current: keyedIssuerIn(secret, 'ca'),
    next: has('ca-next.crt') || has('ca-next.key') ? keyedIssuerIn(secret, 'ca-next') : null,
    previous: has('ca-previous.crt') ? issuerIn(secret, 'ca-previous.crt') : null,
  }
}

/**
 * Reads the Secret of the authority. Nothing in it is ever guessed or made anew: what is lost here cuts the fleet off.
 *
 * @throws DamagedEntryError
 */
export function readAuthority(secret: Secret): AuthorityState {
  return {
    issuers: issuersIn(secret),
    signing: {
      current: signingPairIn(secret, 'signing.key'),
      next: signingPairIn(secret, 'signing-next.key'),
      previous: secret.data.has('signing-previous.pub') ? publicKeyIn(secret, 'signing-previous.pub') : null,
      since: timeIn(secret, signingSinceAnnotation),
    },
  }
}

/** All entries that the Secret of the authority has in this state; null = it has none of that name. */
export function authorityData({ issuers, signing }: AuthorityState): Record<string, string | null> {
  const ofIssuers = issuers && {
    'ca.crt': issuers.current.certificate,
    'ca.key': issuers.current.privateKey,
    'ca-next.crt': issuers.next?.certificate ?? null,
    'ca-next.key': issuers.next?.privateKey ?? null,
    'ca-previous.crt': issuers.previous?.certificate ?? null,
  }
  return {
    ...ofIssuers,
    'signing.key': signing.current.privateKey,
    'signing-next.key': signing.next.privateKey,
    'signing-previous.pub': signing.previous,
  }
}
