// @peculiar/x509 needs the metadata that this import defines.
import 'reflect-metadata'
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import type { PushRole } from '@gatehouse/contract'
import * as x509 from '@peculiar/x509'
import { schedule } from './schedule.ts'
import type { PushLeaf } from './mint.ts'
import type { KeyedIssuer } from './state.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

const usageOf = {
  controller: x509.ExtendedKeyUsage.serverAuth,
  dataplane: x509.ExtendedKeyUsage.clientAuth,
} as const

/** A DER element whose content is shorter than 128 bytes. */
const element = (tag: number, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, body.length]), body])
}

/**
 * Name constraints (RFC 5280 4.2.1.10): URI names only of the host `gatehouse`, and no DNS name and no address at all.
 * So a key of the authority is worth nothing outside push channels.
 */
function nameConstraints(): x509.Extension {
  const subtree = (tag: number, name: Buffer): Buffer => element(0x30, element(tag, name))
  const [dnsName, uri, address] = [0x82, 0x86, 0x87] as const
  const permitted = element(0xa0, subtree(uri, Buffer.from('gatehouse')))
  const any = [subtree(dnsName, Buffer.alloc(0)), ...[8, 32].map((size) => subtree(address, Buffer.alloc(size)))]
  return new x509.Extension('2.5.29.30', true, element(0x30, permitted, element(0xa1, ...any)))
}

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const privateKeyPem = async ({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> =>
  `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')}\n`

const certificatePem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`

// The first digit keeps the number positive.
const serialNumber = (): string => `4${randomBytes(15).toString('hex')}0`

/** Makes a certificate authority for the push channel, which may sign leaves only. */
export async function makeIssuer(now: number): Promise<KeyedIssuer> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await generateKeys()
  const serial = serialNumber()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    // Two authorities that are trusted at once have names of their own.
    name: `CN=Gatehouse push authority ${serial.slice(0, 12)}`,
    keys,
    notBefore: new Date(now - schedule.backdate),
    notAfter: new Date(now + schedule.issuer.lifetime),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      nameConstraints(),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const pem = certificatePem(certificate)
  const { fingerprint256 } = new X509Certificate(pem)
  return {
    id: fingerprint256,
    certificate: pem,
    privateKey: await privateKeyPem(keys),
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
  }
}

async function issuerKey(privateKey: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(privateKey)
  return await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

/**
 * Makes a key and a certificate that says which installation and which role its holder has (M21).
 *
 * @param identity - the one URI name
 */
export async function issueLeaf(issuer: KeyedIssuer, identity: string, role: PushRole, now: number): Promise<PushLeaf> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await generateKeys()
  const authority = new x509.X509Certificate(issuer.certificate)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=Gatehouse push ${role}`,
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: await issuerKey(issuer.privateKey),
    notBefore: new Date(now - schedule.backdate),
    notAfter: new Date(Math.min(now + schedule.leaf.lifetime, issuer.notAfter)),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usageOf[role]]),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: identity }]),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
    ],
  })
  return { certificate: certificatePem(certificate), privateKey: await privateKeyPem(keys) }
}
