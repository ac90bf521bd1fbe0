import { constants } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext, type ConnectionOptions, type SecureContext } from 'node:tls'
import type { UpstreamTlsView } from '../gateway/gateway.ts'
import { isServer } from './serverIdentity.ts'

/** A certificate that is sound, and somebody else's. */
export class WrongServer extends Error {}

/** One for each state of certificates and keys, however many addresses there are. */
const contexts = new WeakMap<UpstreamTlsView, SecureContext>()

/** @throws when certificates or key cannot be read */
function contextOf(tls: UpstreamTlsView): SecureContext {
  let context = contexts.get(tls)
  if (context === undefined) {
    context = createSecureContext({
      minVersion: 'TLSv1.2',
      // What was verified stays what it was; with HTTP/2 it must not be asked for anyway (RFC 9113 9.2.1).
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(tls.anchors && { ca: [...tls.anchors] }),
      ...(tls.client && { cert: tls.client.chain, key: tls.client.privateKey }),
    })
    contexts.set(tls, context)
  }
  return context
}

/**
 * How TLS is begun with an upstream: verified, always. Sessions are not resumed, so that each connection is verified
 * against the authorities that are in force when it begins.
 *
 * @param protocol - the one that is offered (RFC 7301)
 * @throws when certificates or key cannot be read
 */
export const tlsOptions = (tls: UpstreamTlsView, protocol: 'h2' | 'http/1.1'): ConnectionOptions => ({
  secureContext: contextOf(tls),
  servername: isIP(tls.hostname) === 0 ? tls.hostname : '',
  ALPNProtocols: [protocol],
  rejectUnauthorized: true,
  checkServerIdentity: (_hostname, certificate) =>
    isServer(certificate.raw, tls) ? undefined : new WrongServer('the certificate is for another server'),
})
