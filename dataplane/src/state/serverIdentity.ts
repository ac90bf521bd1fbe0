import { isIP } from 'node:net'
import type { ServerName } from '@gatehouse/contract'
import { serverNames, subjectAltNames } from '../http/subjectAltNames.ts'

/** Who a server has to be. */
export interface ExpectedServer {
  /** A host name or an IPv4 address, in lower case. */
  readonly hostname: string
  /** In place of `hostname`; empty = `hostname`. */
  readonly subjectAltNames: readonly ServerName[]
}

/**
 * Whether a certificate whose chain has been verified is that of the server (RFC 9525). Only subject alternative names
 * count, each as its own type: the common name says nothing.
 *
 * @param certificate - DER
 */
export function isServer(certificate: Buffer, { hostname, subjectAltNames: wanted }: ExpectedServer): boolean {
  try {
    if (wanted.length === 0) return isHost(certificate, hostname)
    return wanted.some((one) =>
      one.type === 'URI'
        ? subjectAltNames(certificate).uris.includes(one.uri)
        : isHost(certificate, one.hostname.toLowerCase()),
    )
  } catch {
    return false
  }
}

function isHost(certificate: Buffer, host: string): boolean {
  if (isIP(host) !== 0) return subjectAltNames(certificate).addresses.includes(host)
  const dot = host.indexOf('.')
  // RFC 9525 6.3: a wildcard stands for exactly the leftmost label; `*.com` is for certificate authorities to refuse.
  const above = dot < 0 ? null : `*${host.slice(dot)}`
  return serverNames(certificate).some((name) => name === host || name === above)
}
