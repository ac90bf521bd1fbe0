import type { PeerCertificate } from 'node:tls'
import { pushIdentity, type ObjectName } from '@gatehouse/contract'

const clientAuth = '1.3.6.1.5.5.7.3.2'

/**
 * Says whether a certificate, whose chain already holds, is that of a data plane of this installation: it must allow
 * clientAuth, and its one URI name must be the data plane's (M21). What a data plane is served follows from this alone.
 */
export function isDataplane(installation: ObjectName, certificate: PeerCertificate | null): boolean {
  // A socket that was cut off has no certificate any more.
  if (!certificate?.ext_key_usage?.includes(clientAuth)) return false
  const names = certificate.subjectaltname ?? ''
  // Node quotes names that hold a comma or a quote; none of ours does, and refusing them makes splitting sound.
  const uris = names.includes('"') ? [] : names.split(', ').filter((name) => name.startsWith('URI:'))
  return uris.length === 1 && uris[0] === `URI:${pushIdentity(installation, 'dataplane')}`
}
