import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { pushIdentity, type ObjectName } from '@gatehouse/contract'

/** What this end presents and trusts on the push channel, as PEM. */
export interface PushCredentials {
  /** Certificate authorities of the push channel; nothing else is trusted. */
  readonly ca: string
  readonly certificate: string
  readonly privateKey: string
}

/** What lies in the directory cannot be used. */
export class UnusableCredentialsError extends Error {
  readonly code = 'UNUSABLE_CREDENTIALS'
}

/**
 * Reads `ca.crt`, `tls.crt` and `tls.key`, the names of a mounted `kubernetes.io/tls` Secret. Read anew for every
 * connection, so that renewed certificates take effect without a restart.
 *
 * @throws the file system's error when one cannot be read; UnusableCredentialsError when `ca.crt` holds no certificate
 */
export async function readPushCredentials(directory: string): Promise<PushCredentials> {
  const read = (file: string): Promise<string> => readFile(join(directory, file), 'utf8')
  const [ca, certificate, privateKey] = await Promise.all([read('ca.crt'), read('tls.crt'), read('tls.key')])
  // Given no certificate authority, TLS would trust the public ones.
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new UnusableCredentialsError('ca.crt holds no certificate')
  return { ca, certificate, privateKey }
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
 *
 * @param address - `host:port`, IPv6 in brackets
 */
export function connectController(address: string, installation: ObjectName, credentials: PushCredentials): TLSSocket {
  const { hostname, port } = new URL(`wss://${address}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  return connect({
    host,
    port: Number(port === '' ? '443' : port),
    // SNI may not be an address (RFC 6066 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ca: credentials.ca,
    cert: credentials.certificate,
    key: credentials.privateKey,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    checkServerIdentity: (_host, certificate) => checkController(installation, certificate),
  })
}
