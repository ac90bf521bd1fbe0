import type { AdmissionListener } from './admissionTable.ts'
import type { RequestFacts } from './facts.ts'
import type { Selector } from './serverName.ts'

/**
 * The listener that serves a request on its connection. With TLS the authority must select what the connection was made
 * with: listener, certificate and client CAs, as they are now (M11). Otherwise a connection to one host would reach another
 * without the certificate that the other demands.
 */
export function fittingListener(
  listener: AdmissionListener,
  select: Selector<AdmissionListener>,
  { host, connection }: RequestFacts,
): AdmissionListener | 'no-route' | 'misdirected' {
  const selection = select(host)
  if (selection === null) return 'no-route'
  if (connection.scheme === 'http') return listener.spec.protocol === 'HTTP' ? selection.listener : 'misdirected'
  const named = connection.serverName === host ? selection : select(connection.serverName)
  const same =
    selection.listener === listener &&
    named?.listener === listener &&
    selection.certificate === connection.certificate &&
    named.certificate === connection.certificate
  return same && trustHolds(listener, connection) ? listener : 'misdirected'
}

/** A connection that began under other client CAs, or before a certificate was required, has to begin anew. */
function trustHolds({ spec, trustHash }: AdmissionListener, connection: RequestFacts['connection']): boolean {
  if (spec.tls === null || connection.trustHash !== trustHash) return false
  return spec.tls.clientCertificate.mode !== 'Require' || connection.clientCertificate !== null
}
