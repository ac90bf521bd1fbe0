import { createHash, X509Certificate } from 'node:crypto'
import type { Provider } from '@gatehouse/contract'
import type { ClientCertificate } from '../gateway/facts.ts'
import { noAttributes, principalId } from './attributes.ts'
import type { Principal } from './principal.ts'
import { fittingName, namePattern, type NamePattern } from './subjectAltNames.ts'

/** A provider that takes the connection's client certificate, made ready. */
export interface MtlsProvider {
  readonly type: 'Mtls'
  readonly name: string
  /** `namespace/policy/provider`. */
  readonly object: string
  readonly level: number
  readonly patterns: readonly NamePattern[]
  /** SHA-256 of the DER of the anchors that a chain may end in; null = any of the listener. */
  readonly anchors: ReadonlySet<string> | null
  /** What its names fit is refused (M7). */
  readonly broken: boolean
}

type MtlsMethod = Extract<Provider['method'], { type: 'Mtls' }>

/**
 * @param place - the provider's object and the level at which it applies
 * @param anchors - PEM certificates; null = any anchor of the listener
 * @throws Error when an anchor or a pattern cannot be read
 */
export function mtlsProvider(
  provider: Pick<Provider, 'name' | 'broken'>,
  method: MtlsMethod,
  place: { readonly object: string; readonly level: number },
  anchors: readonly string[] | null,
): MtlsProvider {
  return {
    type: 'Mtls',
    name: provider.name,
    ...place,
    patterns: method.subjectAltNames.map(namePattern),
    anchors: anchors === null ? null : fingerprintsOf(anchors),
    broken: provider.broken,
  }
}

const fingerprint = (pem: string): string => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')

/**
 * What {@link ClientCertificate.anchor} says of these anchors.
 *
 * @param anchors - PEM certificates
 * @throws Error when one cannot be read
 */
export const fingerprintsOf = (anchors: readonly string[]): ReadonlySet<string> => new Set(anchors.map(fingerprint))

/**
 * The name by which a provider claims a certificate: the one that fits its first pattern to fit any, where the chain
 * ends in an anchor of its own. A broken provider claims by name alone.
 */
export function claimedName(provider: MtlsProvider, certificate: ClientCertificate): string | null {
  const { anchors, broken } = provider
  if (!broken && anchors !== null && !anchors.has(certificate.anchor)) return null
  return fittingName(provider.patterns, certificate)
}

/** The principal of a certificate that a provider claims by this name. It asserts nothing but who it is. */
export const certificatePrincipal = (
  { name, object, level }: MtlsProvider,
  subject: string,
  expiresAt: number,
): Principal => ({
  id: principalId(object, '', subject),
  provider: name,
  providerObject: object,
  level,
  issuer: '',
  subject,
  ...noAttributes,
  claims: {},
  token: null,
  clientId: null,
  expiresAt,
})
