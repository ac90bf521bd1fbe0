import { constants, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls'
import type { ResourceSpec } from '@gatehouse/contract'

/** How TLS is spoken for one certificate of one listener. */
export interface TlsSettings {
  readonly certificate: ResourceSpec<'certificate'>
  readonly minVersion: 'TLS1_2' | 'TLS1_3'
  readonly mode: 'Off' | 'Request' | 'Require'
  /** PEM; what client certificates may end in. Empty trusts nobody. */
  readonly anchors: readonly string[]
  /** Milliseconds. */
  readonly handshakeTimeout: number
}

/** Ends TLS on sockets that are handed to it. */
export interface TlsTerminator {
  /** The server's leaf. */
  readonly leaf: X509Certificate
  /**
   * Begins the handshake; bytes already read from the socket must have been put back.
   *
   * @param secured - called when the handshake is done; never, when it fails and the socket is destroyed
   */
  accept(transport: Socket, secured: (socket: TLSSocket) => void): void
}

/** Of TLS 1.2 only those with forward secrecy and authenticated encryption (RFC 9325 4.2), as HTTP/2 asks for too. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

const versions = { TLS1_2: 'TLSv1.2', TLS1_3: 'TLSv1.3' } as const

/**
 * Each certificate of each listener has a TLS context of its own, with its own ticket keys: a session can be resumed
 * nowhere else. Where client certificates are asked for, none can be resumed at all (M11).
 *
 * @throws when the certificate, its key or an anchor cannot be read, or do not belong together
 */
export function tlsTerminator(settings: TlsSettings): TlsTerminator {
  const { certificate, mode } = settings
  const leaf = new X509Certificate(certificate.chain)
  const credentials: SecureContextOptions = {
    cert: certificate.chain,
    key: certificate.privateKey,
    // Never undefined: that would mean the system's authorities.
    ca: [...settings.anchors],
    minVersion: versions[settings.minVersion],
    ciphers,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (mode === 'Off' ? 0 : constants.SSL_OP_NO_TICKET),
    // An anchor need not be a root.
    allowPartialTrustChain: true,
  }
  const server = createServer({
    ...credentials,
    requestCert: mode !== 'Off',
    rejectUnauthorized: mode === 'Require',
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: settings.handshakeTimeout,
    ...(mode === 'Off' ? {} : { SNICallback: always(createSecureContext(credentials)) }),
  })
  const handshakes = new Map<string, (socket: TLSSocket) => void>()
  server.on('secureConnection', (socket) => {
    const secured = handshakes.get(peerOf(socket))
    if (secured === undefined) socket.destroy()
    else secured(socket)
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return {
    leaf,
    accept: (transport, secured) => {
      const peer = peerOf(transport)
      handshakes.set(peer, secured)
      transport.once('close', () => handshakes.delete(peer))
      server.emit('connection', transport)
    },
  }
}

/**
 * A TLS server forgets `allowPartialTrustChain`; a context that it is given does not. Without SNI it uses its own, so there
 * an anchor has to be a root.
 */
const always =
  (context: SecureContext) =>
  (_name: string, done: (error: Error | null, context?: SecureContext) => void): void =>
    done(null, context)

/** Tells connections apart, also those to two ports; a TLS server does not say which socket lies below. */
const peerOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
