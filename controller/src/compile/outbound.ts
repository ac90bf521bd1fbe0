import type { GatehouseSpec } from '@gatehouse/crds'

/** How a URL may be fetched. */
export interface Fetch {
  readonly addresses: 'Public' | 'Private'
  /** A `trust` resource in place of the system's authorities; null = the system's. */
  readonly trust: string | null
}

/** Judges a URL for a namespace; null = it must not be fetched (M13). */
export type Outbound = (namespace: string, uri: string) => Fetch | null

const isLoopback = (host: string): boolean => host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)

/** The port of a URL; its scheme's when it names none. */
const portOf = (url: URL): number => Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port)

/** The name of the `trust` resource of an allowed host; null when it has the system's. */
export function outboundTrust(
  gatehouse: string,
  host: { readonly host: string; readonly port: number; readonly caCertificateRefs?: readonly unknown[] | undefined },
): string | null {
  return (host.caCertificateRefs?.length ?? 0) === 0 ? null : `${gatehouse}/outbound/${host.host}:${host.port}`
}

/**
 * https to the hosts that the Gatehouse allows the namespace, and with `allowLoopback` also loopback, with or without
 * TLS.
 *
 * @param gatehouse - `namespace/name` of the Gatehouse
 */
export function outboundOf(gatehouse: string, outbound: GatehouseSpec['outbound']): Outbound {
  const hosts = new Map((outbound.allowedHosts ?? []).map((allowed) => [`${allowed.host}:${allowed.port}`, allowed]))
  return (namespace, uri) => {
    const url = URL.parse(uri)
    if (!url || url.username !== '' || url.password !== '' || url.hash !== '') return null
    const loopback = outbound.allowLoopback && isLoopback(url.hostname)
    if (url.protocol !== 'https:' && !(loopback && url.protocol === 'http:')) return null
    const allowed = hosts.get(`${url.hostname}:${portOf(url)}`)
    if (allowed?.namespaces.includes(namespace)) {
      return { addresses: allowed.addresses, trust: outboundTrust(gatehouse, allowed) }
    }
    return loopback ? { addresses: 'Public', trust: null } : null
  }
}
