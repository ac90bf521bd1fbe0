import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

/** A certificate and its key, as PEM. */
export interface Leaf {
  /** Leaf first, then intermediates. */
  readonly certificate: string
  readonly privateKey: string
}

export interface LeafOptions {
  readonly commonName?: string
  readonly organization?: string
  readonly uris?: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly emails?: readonly string[]
  /** Any others, as they are, behind the rest. */
  readonly names?: readonly x509.JsonGeneralName[]
  readonly addresses?: readonly string[]
  /** Default: serverAuth only. */
  readonly usages?: readonly ('serverAuth' | 'clientAuth')[]
  /** Milliseconds since the epoch; default: an hour ago to in a day. */
  readonly notBefore?: number
  readonly notAfter?: number
}

/** A certificate authority that lives as long as the test. */
export interface Authority {
  /** The root's certificate, PEM. */
  readonly certificate: string
  leaf(options: LeafOptions): Promise<Leaf>
  /** An authority below this one; its leaves carry its certificate in their chain. */
  intermediate(commonName: string): Promise<Authority>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000
const usageOids = {
  serverAuth: x509.ExtendedKeyUsage.serverAuth,
  clientAuth: x509.ExtendedKeyUsage.clientAuth,
} as const

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

// A leading zero bit keeps the serial number positive.
const serialNumber = (): string => `4${randomBytes(15).toString('hex')}`

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

/** A new root certificate authority with an EC P-256 key. */
export async function createAuthority(commonName = 'Gatehouse test root'): Promise<Authority> {
  const keys = await generateKeys()
  const now = Date.now()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    serialNumber: serialNumber(),
    keys,
    notBefore: new Date(now - hour),
    notAfter: new Date(now + 24 * hour),
    signingAlgorithm: algorithm,
    extensions: authorityExtensions(),
  })
  return authority(root, keys, [])
}

function authorityExtensions(): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]
}

function authority(issuer: x509.X509Certificate, keys: webcrypto.CryptoKeyPair, above: readonly string[]): Authority {
  const sign = (
    subject: string,
    publicKey: webcrypto.CryptoKey,
    extensions: x509.Extension[],
    dates: [number, number],
  ) =>
    x509.X509CertificateGenerator.create({
      subject,
      issuer: issuer.subject,
      serialNumber: serialNumber(),
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      notBefore: new Date(dates[0]),
      notAfter: new Date(dates[1]),
      extensions,
    })
  return {
    certificate: issuer.toString('pem'),
    leaf: async (options) => {
      const leafKeys = await generateKeys()
      const now = Date.now()
      const dates: [number, number] = [options.notBefore ?? now - hour, options.notAfter ?? now + 24 * hour]
      const organization = options.organization === undefined ? '' : `, O=${options.organization}`
      const subject = `CN=${options.commonName ?? 'leaf'}${organization}`
      const signed = await sign(subject, leafKeys.publicKey, leafExtensions(options), dates)
      return {
        certificate: [signed.toString('pem'), ...above].join('\n'),
        privateKey: await exportKey(leafKeys.privateKey),
      }
    },
    intermediate: async (commonName) => {
      const below = await generateKeys()
      const now = Date.now()
      const signed = await sign(`CN=${commonName}`, below.publicKey, authorityExtensions(), [
        now - hour,
        now + 24 * hour,
      ])
      return authority(signed, below, [signed.toString('pem'), ...above])
    },
  }
}

function leafExtensions(options: LeafOptions): x509.Extension[] {
  const names: x509.JsonGeneralName[] = [
    ...(options.uris ?? []).map((value) => ({ type: 'url' as const, value })),
    ...(options.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(options.emails ?? []).map((value) => ({ type: 'email' as const, value })),
    ...(options.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
    ...(options.names ?? []),
  ]
  const usages = (options.usages ?? ['serverAuth']).map((usage) => usageOids[usage])
  return [
    new x509.BasicConstraintsExtension(false),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ...(usages.length > 0 ? [new x509.ExtendedKeyUsageExtension(usages)] : []),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ]
}
