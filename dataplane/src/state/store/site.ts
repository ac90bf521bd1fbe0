import type { StoreFault } from '@gatehouse/contract'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { mayFetchFrom, type AddressRules } from '../addressRules.ts'
import type { Resolve } from '../checkedDialer.ts'
import { isServer } from '../serverIdentity.ts'
import { connect, type StoreConnection, type StoreLogin } from './connection.ts'
import { StoreError } from './fault.ts'
import { within } from './within.ts'

/** A server of the store by name or address. */
export interface StoreServer {
  readonly host: string
  readonly port: number
}

/** How the servers of a store are spoken to. */
export interface StoreSite {
  readonly tls: {
    /** PEM certificates in place of the system's authorities; null = the system's. */
    readonly anchors: readonly string[] | null
    /** Whom every server's certificate must name; null = the host that was dialled. */
    readonly hostname: string | null
  } | null
  readonly rules: AddressRules
  readonly resolve: Resolve
}

/** How long each step of connecting may take, in milliseconds. */
const stepTimeout = 1000

/**
 * Connects to one server, at an address that may be dialled (M13): whoever owns the installation wrote the host, so that
 * private addresses are as good as public ones, but a Sentinel or a Cluster may name others.
 *
 * @throws Error
 */
export async function connectTo(
  { tls, rules, resolve }: StoreSite,
  { host, port }: StoreServer,
  login: StoreLogin | null,
  lost: (why: StoreFault) => void,
): Promise<StoreConnection> {
  const found = isIP(host) === 0 ? await within(stepTimeout, resolve(host)) : [host]
  const address = found.find((one) => mayFetchFrom(rules, one, 'Private'))
  if (address === undefined) throw new StoreError('forbidden-address')
  return connect({ address, port, tls: tls && tlsFor(tls, host), login }, stepTimeout, lost)
}

function tlsFor({ anchors, hostname }: NonNullable<StoreSite['tls']>, host: string): ConnectionOptions {
  const name = (hostname ?? host).toLowerCase()
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    servername: isIP(name) === 0 ? name : '',
    ...(anchors && { ca: [...anchors] }),
    checkServerIdentity: (_host, certificate) =>
      isServer(certificate.raw, { hostname: name, subjectAltNames: [] })
        ? undefined
        : new Error('the certificate is for another server'),
  }
}
