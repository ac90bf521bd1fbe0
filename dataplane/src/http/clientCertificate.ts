import { createHash, X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../gateway/facts.ts'
import { subjectAltNames } from './subjectAltNames.ts'

const maxChainLength = 10

/** SHA-256 of DER bytes, lower-case hex. */
export const fingerprintOf = (der: Buffer): string => createHash('sha256').update(der).digest('hex')

/**
 * What a verified client certificate says. Only for a socket whose chain the TLS stack has verified against exactly
 * these anchors.
 *
 * @returns null when the certificate cannot be read: then it identifies nobody
 */
export function clientCertificateOf(socket: TLSSocket, anchors: readonly X509Certificate[]): ClientCertificate | null {
  try {
    const [leaf, ...intermediates] = presentedChain(socket.getPeerCertificate(true))
    if (leaf === undefined) return null
    return factsOfChain(leaf, intermediates, anchors)
  } catch {
    return null
  }
}

/** What a certificate says whose chain is good. @throws RangeError when its DER is malformed */
export function factsOfChain(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): ClientCertificate {
  const anchor = anchorOf(leaf, intermediates, anchors)
  return {
    fingerprint: fingerprintOf(leaf.raw),
    notAfter: leaf.validToDate.getTime(),
    ...subjectAltNames(leaf.raw),
    anchor: anchor === null ? '' : fingerprintOf(anchor.raw),
  }
}

function presentedChain(first: DetailedPeerCertificate | PeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  let current: DetailedPeerCertificate | PeerCertificate | undefined = first
  while (current?.raw !== undefined && chain.length < maxChainLength) {
    chain.push(new X509Certificate(current.raw))
    const issuer: DetailedPeerCertificate | undefined =
      'issuerCertificate' in current ? current.issuerCertificate : undefined
    current = issuer === current ? undefined : issuer
  }
  return chain
}

/**
 * Walks as the TLS stack does: at each step an anchor is preferred to a presented intermediate. Some releases of Node hide
 * the intermediates from servers (nodejs/node#65579); then a chain through one is known to end in an anchor only if there
 * is no other.
 *
 * @returns null when it cannot be told
 */
function anchorOf(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): X509Certificate | null {
  let current = leaf
  for (let step = 0; step < maxChainLength; step++) {
    const anchor = anchors.find((candidate) => candidate.raw.equals(current.raw) || issued(current, candidate))
    if (anchor !== undefined) return anchor
    const issuer = intermediates.find((candidate) => candidate !== current && issued(current, candidate))
    if (issuer === undefined) break
    current = issuer
  }
  return anchors.length === 1 ? anchors[0]! : null
}

const issued = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
