import { createPrivateKey, X509Certificate } from 'node:crypto'

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

const maxCertificates = 64
const maxChain = 65536
const maxCertificate = 16384
const maxPrivateKey = 16384

/** The X.509 certificates of a PEM text; null when there is none, too many, or one that cannot be read. */
function certificates(pem: string): readonly X509Certificate[] | null {
  const blocks = pem.match(block) ?? []
  if (blocks.length === 0 || blocks.length > maxCertificates) return null
  if (blocks.length !== pem.split('-----BEGIN').length - 1) return null
  try {
    return blocks.map((one) => new X509Certificate(one))
  } catch {
    return null
  }
}

/** The certificates of a bundle, each in the one PEM form; null when the bundle is not one. */
export function anchorsOf(pem: string): readonly string[] | null {
  const anchors = certificates(pem)?.map((one) => one.toString())
  if (!anchors || anchors.some((one) => one.length > maxCertificate)) return null
  return [...new Set(anchors)]
}

/**
 * A server's chain and key, each in the one PEM form.
 *
 * @returns null when either cannot be read or the key is not that of the first certificate
 */
export function keyPairOf(chain: string, key: string): { chain: string; privateKey: string } | null {
  const found = certificates(chain)
  if (!found) return null
  try {
    const privateKey = createPrivateKey(key)
    if (!found[0]!.checkPrivateKey(privateKey)) return null
    const pem = {
      chain: found.map((one) => one.toString()).join(''),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
    return pem.chain.length <= maxChain && pem.privateKey.length <= maxPrivateKey ? pem : null
  } catch {
    return null
  }
}
