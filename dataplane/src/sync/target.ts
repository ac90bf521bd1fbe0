import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/** One address of a controller. */
export interface Target {
  /** As it was configured: a name or an address. */
  readonly host: string
  readonly address: string
  readonly port: number
}

/** All addresses of a name. Rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Asks the system, in the order in which it answers. */
export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/** `address:port`, IPv6 in brackets. */
export const labelOf = ({ address, port }: Target): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/**
 * Every address behind `host:port`. A name may stand for several controllers, of which one leads.
 *
 * @param controller - `host:port`, IPv6 in brackets
 * @throws the resolver's error
 */
export async function targetsOf(controller: string, resolve: Resolve): Promise<readonly Target[]> {
  const { hostname, port } = new URL(`wss://${controller}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await resolve(host) : [host]
  return addresses.map((address) => ({ host, address, port: Number(port === '' ? '443' : port) }))
}
