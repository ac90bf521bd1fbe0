import { formatAddress, inAnyRange, parseAddress, type AddressRange } from '../address.ts'

/** Who a request comes from. */
export interface ClientAddress {
  /** Canonical. */
  readonly address: string
  /** What trusted peers report of the way here, client first; passed on. */
  readonly forwardedFor: readonly string[]
}

/** More hops than any real chain has; beyond them a report is not believed. */
const maxHops = 32

const direct: readonly string[] = []

/**
 * The client as seen by those that the listener trusts: from the right, each entry of X-Forwarded-For is believed only if
 * the hop that wrote it is trusted, and the first that is not trusted is the client. What stands left of it is hearsay. An
 * entry that is no address ends the walk at the hop that wrote it.
 *
 * @param peer - canonical address of the connection's peer
 * @param values - of X-Forwarded-For, in order of appearance
 */
export function clientAddress(
  peer: string,
  values: readonly string[] | undefined,
  trusted: readonly AddressRange[],
): ClientAddress {
  const first = trusted.length === 0 || values === undefined ? null : parseAddress(peer)
  if (first === null || !inAnyRange(first, trusted)) return { address: peer, forwardedFor: direct }
  const entries = values!.join(',').split(',')
  const believed: string[] = []
  for (let index = entries.length - 1; index >= 0 && believed.length < maxHops; index--) {
    const hop = parseAddress(withoutPort(entries[index]!.trim()))
    if (hop === null) break
    believed.unshift(formatAddress(hop))
    if (!inAnyRange(hop, trusted)) break
  }
  return { address: believed[0] ?? peer, forwardedFor: believed }
}

/** Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const parts = /^\[([^\]]*)\](?::\d{1,5})?$|^([^:]*):\d{1,5}$/.exec(entry)
  return parts === null ? entry : (parts[1] ?? parts[2] ?? entry)
}
