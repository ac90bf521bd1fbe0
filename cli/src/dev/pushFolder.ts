import 'reflect-metadata'
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushIdentity, type ObjectName, type PushRole } from '@gatehouse/contract'
import * as x509 from '@peculiar/x509'

/** The certificates and the signing key of one run, in a folder that only this user can read. */
export interface PushFolder {
  /** The folder of a role: `ca.crt`, `tls.crt` and `tls.key`, and `signing.key` or `signing.pub`. */
  of(role: PushRole): string
  remove(): Promise<void>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000
/** A run that lasts longer than this must be started again. */
const lifetime = 30 * 24 * hour

interface Signer {
  readonly certificate: x509.X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

// A leading zero bit keeps the serial number positive.
const common = (now: number) => ({
  serialNumber: `4${randomBytes(15).toString('hex')}`,
  notBefore: new Date(now - hour),
  notAfter: new Date(now + lifetime),
  signingAlgorithm: algorithm,
})

async function newAuthority(now: number): Promise<Signer> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(now),
    name: 'CN=gatehouse dev',
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  return { certificate, keys }
}

const usageOf = {
  controller: x509.ExtendedKeyUsage.serverAuth,
  dataplane: x509.ExtendedKeyUsage.clientAuth,
} as const

/** A certificate that says which installation and which role its holder has (M21). */
async function newLeaf(authority: Signer, installation: ObjectName, role: PushRole, now: number): Promise<Signer> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    ...common(now),
    subject: `CN=${role}`,
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usageOf[role]]),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: pushIdentity(installation, role) }]),
    ],
  })
  return { certificate, keys }
}

async function writeLeaf(folder: string, authority: Signer, leaf: Signer): Promise<void> {
  const key = await webcrypto.subtle.exportKey('pkcs8', leaf.keys.privateKey)
  await mkdir(folder, { mode: 0o700 })
  await writeFile(join(folder, 'ca.crt'), authority.certificate.toString('pem'))
  await writeFile(join(folder, 'tls.crt'), leaf.certificate.toString('pem'))
  await writeFile(join(folder, 'tls.key'), x509.PemConverter.encode(key, 'PRIVATE KEY'), { mode: 0o600 })
}

/** What revisions are signed with, and what that is checked with. */
async function writeSigningKeys(of: PushFolder['of']): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeFile(join(of('controller'), 'signing.key'), key, { mode: 0o600 })
  await writeFile(join(of('dataplane'), 'signing.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
}

/**
 * Makes a certificate authority, signs one certificate for each end of the push channel and forgets the authority's
 * key: nobody can join this run's channel later.
 *
 * @param now - milliseconds since the epoch
 */
export async function makePushFolder(installation: ObjectName, now: number): Promise<PushFolder> {
  x509.cryptoProvider.set(webcrypto)
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-dev-'))
  const of = (role: PushRole): string => join(root, role)
  const authority = await newAuthority(now)
  for (const role of ['controller', 'dataplane'] as const) {
    await writeLeaf(of(role), authority, await newLeaf(authority, installation, role, now))
  }
  await writeSigningKeys(of)
  return { of, remove: () => rm(root, { recursive: true, force: true }) }
}
