import { X509Certificate } from 'node:crypto'
import type { ClientCertificate } from '../gateway/facts.ts'
import { factsOfChain } from '../http/clientCertificate.ts'

const pem = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/**
 * What a client certificate says that stands for a verified one.
 *
 * @param text - PEM, the leaf first, then what leads to an anchor
 * @param anchors - PEM of all authorities that the configuration names
 * @returns null when there is no certificate in the text
 */
export function certificateFacts(text: string, anchors: readonly string[]): ClientCertificate | null {
  const [leaf, ...intermediates] = (text.match(pem) ?? []).map((one) => new X509Certificate(one))
  if (leaf === undefined) return null
  return factsOfChain(
    leaf,
    intermediates,
    anchors.map((one) => new X509Certificate(one)),
  )
}
