import type { Clock } from '../clock.ts'
import type { AdmissionListener, PlainSocket } from './admissionTable.ts'
import type { ConnectionFacts, RequestFacts } from './facts.ts'
import type { Selector } from './serverName.ts'

type Fitting = AdmissionListener | 'no-route' | 'misdirected'

/**
 * The listener that serves a request without TLS: the most specific of the socket that its host is for, and no other, even
 * where that one has no rule for it.
 */
export function plainListener(socket: PlainSocket | undefined, { host }: RequestFacts): Fitting {
  return socket === undefined ? 'misdirected' : (socket.select(host)?.listener ?? 'no-route')
}

/**
 * The listener that serves a request on a connection with TLS. The authority must select what the connection was made
 * with: listener and certificate, and its client CAs must still vouch for it, all as they are now (M11). Otherwise a
 * connection to one host would reach another without the certificate that the other demands.
 */
export function secureListener(
  listener: AdmissionListener | undefined,
  select: Selector<AdmissionListener> | undefined,
  { host, connection }: Pick<RequestFacts, 'host' | 'connection'>,
): Fitting {
  if (listener === undefined || select === undefined) return 'misdirected'
  const selection = select(host)
  if (selection === null) return 'no-route'
  const named = connection.serverName === host ? selection : select(connection.serverName)
  const same =
    selection.listener === listener &&
    named?.listener === listener &&
    selection.certificate === connection.certificate &&
    named.certificate === connection.certificate
  return same && trustHolds(listener, connection) ? listener : 'misdirected'
}

/**
 * Whether what a connection has shown is still good: a certificate whose anchor the listener still trusts, or none where
 * none is required.
 */
function trustHolds({ spec, trustHash, anchors }: AdmissionListener, connection: RequestFacts['connection']): boolean {
  if (spec.tls === null || trustHash === '') return false
  const { clientCertificate } = connection
  if (clientCertificate === null) return spec.tls.clientCertificate.mode !== 'Require'
  return connection.trustHash === trustHash || anchors.has(clientCertificate.anchor)
}

/**
 * A connection as it is now. TLS looks at a client certificate once, when the connection begins; one that has expired
 * since identifies nobody any more.
 */
export const atPresent = (connection: ConnectionFacts, clock: Clock): ConnectionFacts =>
  connection.clientCertificate !== null && connection.clientCertificate.notAfter <= clock.now()
    ? { ...connection, clientCertificate: null }
    : connection
