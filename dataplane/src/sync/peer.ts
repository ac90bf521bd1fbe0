import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { pushIdentity, type ObjectName } from '@gatehouse/contract'
import { readMounted } from '@gatehouse/contract/mountedFolder'
import { signingKeysIn } from './signature.ts'
import type { Target } from './target.ts'

/** What this end presents and trusts on the push channel; certificates and the private key as PEM. */
export interface PushCredentials {
  /** Certificate authorities of the push channel; nothing else is trusted. */
  readonly ca: string
  readonly certificate: string
  readonly privateKey: string
  /** Who may sign revisions. */
  readonly signingKeys: readonly KeyObject[]
  /** Shows the controller which Pod this is; null = nothing does. */
  readonly token: string | null
}

/** What lies in the directory cannot be used. */
export class UnusableCredentialsError extends Error {
  readonly code = 'UNUSABLE_CREDENTIALS'
}

const signingFile = 'signing.pub'

function signingKeys(text: string): readonly KeyObject[] {
  const keys = signingKeysIn(text)
  if (keys === null) throw new UnusableCredentialsError(`${signingFile} holds no Ed25519 public key`)
  return keys
}

/** @throws the file system's error; UnusableCredentialsError when `signing.pub` holds anything but Ed25519 public keys */
export async function readSigningKeys(directory: string): Promise<readonly KeyObject[]> {
  const [text = ''] = await readMounted(directory, [signingFile])
  return signingKeys(text)
}

/** Where the credentials of this end are. */
export interface CredentialPlaces {
  /** Folder with `ca.crt`, `tls.crt`, `tls.key` and `signing.pub`, as a Secret is mounted. */
  readonly directory: string
  /** File with a service account token for the push channel; null = none. */
  readonly tokenFile: string | null
}

/**
 * Reads the credentials. Done anew for every connection, so that what was renewed takes effect without a restart.
 *
 * @throws the file system's error when a file cannot be read; UnusableCredentialsError when `ca.crt` holds no
 *   certificate, `signing.pub` no key or the token file nothing
 */
export async function readPushCredentials({ directory, tokenFile }: CredentialPlaces): Promise<PushCredentials> {
  const files = ['ca.crt', 'tls.crt', 'tls.key', signingFile]
  const [ca = '', certificate = '', privateKey = '', signing = ''] = await readMounted(directory, files)
  // Given no certificate authority, TLS would trust the public ones.
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new UnusableCredentialsError('ca.crt holds no certificate')
  const token = tokenFile === null ? null : (await readFile(tokenFile, 'utf8')).trim()
  if (token === '') throw new UnusableCredentialsError('the token file is empty')
  return { ca, certificate, privateKey, signingKeys: signingKeys(signing), token }
}

const serverAuth = '1.3.6.1.5.5.7.3.1'

/** The peer presented a valid certificate, but not that of our controller (M21). */
export class WrongPeerError extends Error {
  readonly code = 'WRONG_PEER'
}

/**
 * Says whether a certificate, whose chain already holds, is that of our installation's controller: it must allow
 * serverAuth, and its one URI name must be the controller's. Host names and addresses prove nothing here.
 *
 * @returns the error that ends the handshake, or undefined
 */
export function checkController(installation: ObjectName, certificate: PeerCertificate): WrongPeerError | undefined {
  if (!certificate.ext_key_usage?.includes(serverAuth)) {
    return new WrongPeerError('the certificate of the controller does not allow serverAuth')
  }
  const names = certificate.subjectaltname ?? ''
  // Node quotes names that hold a comma or a quote; none of ours does, and refusing them makes splitting sound.
  const uris = names.includes('"') ? [] : names.split(', ').filter((name) => name.startsWith('URI:'))
  if (uris.length === 1 && uris[0] === `URI:${pushIdentity(installation, 'controller')}`) return undefined
  return new WrongPeerError('the certificate is not that of the controller of this installation')
}

/**
 * Opens TLS 1.3 to a controller. The handshake ends with an error unless the peer is the controller of the
 * installation.
 */
export function connectController(target: Target, installation: ObjectName, credentials: PushCredentials): TLSSocket {
  return connect({
    host: target.address,
    port: target.port,
    // SNI may not be an address (RFC 6066 3).
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
    ca: credentials.ca,
    cert: credentials.certificate,
    key: credentials.privateKey,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    checkServerIdentity: (_host, certificate) => checkController(installation, certificate),
  })
}
