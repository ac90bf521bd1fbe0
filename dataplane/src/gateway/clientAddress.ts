import { formatAddress, inAnyRange, parseAddress, type AddressRange } from '../address.ts'
import type { ConnectionFacts } from './facts.ts'
import { forwardedNodes } from './forwardedNodes.ts'

/** Whose word a listener takes for where a request comes from. */
export interface AddressTrust {
  /** Proxies that are believed. */
  readonly trusted: readonly AddressRange[]
  /** Lower-case name of the only field that they are believed in; another one may be the client's own. */
  readonly field: 'x-forwarded-for' | 'forwarded'
  /** Addresses that many clients share, as those of nodes: alone they say nothing of the client. */
  readonly cluster: readonly AddressRange[]
}

/** Nobody is believed. */
export const noTrust: AddressTrust = { trusted: [], field: 'x-forwarded-for', cluster: [] }

/** Who a request comes from. */
export interface ClientAddress {
  /** Canonical; null = it cannot be told. */
  readonly address: string | null
  /** What trusted peers report of the way here, client first; passed on. */
  readonly forwardedFor: readonly string[]
}

/** More hops than any real chain has; beyond them a report is not believed. */
const maxHops = 32

const direct: readonly string[] = []

/**
 * The client as seen by those that the listener trusts: from the right, each entry of the field is believed only if the
 * hop that wrote it is trusted, and the first that is not trusted is the client. What stands left of it is hearsay. An
 * entry that is no address ends the walk at the hop that wrote it. An address of the cluster counts only where a trusted
 * hop has said it.
 */
export function clientAddress(
  { peerAddress: peer, announced }: Pick<ConnectionFacts, 'peerAddress' | 'announced'>,
  headers: ReadonlyMap<string, readonly string[]>,
  { trusted, field, cluster }: AddressTrust,
): ClientAddress {
  const values = trusted.length === 0 ? undefined : headers.get(field)
  if (values === undefined && (announced || cluster.length === 0)) return { address: peer, forwardedFor: direct }
  const first = parseAddress(peer)
  const believed =
    first === null || values === undefined || !inAnyRange(first, trusted) ? [] : reports(values, field, trusted)
  const [client] = believed
  if (client !== undefined) return { address: client, forwardedFor: believed }
  const shared = !announced && first !== null && inAnyRange(first, cluster)
  return { address: shared ? null : peer, forwardedFor: direct }
}

/** The hops that are believed, client first. */
function reports(values: readonly string[], field: AddressTrust['field'], trusted: readonly AddressRange[]): string[] {
  const entries = field === 'forwarded' ? (forwardedNodes(values) ?? []) : values.join(',').split(',')
  const believed: string[] = []
  for (let index = entries.length - 1; index >= 0 && believed.length < maxHops; index--) {
    const hop = parseAddress(withoutPort(entries[index]!.trim()))
    if (hop === null) break
    believed.unshift(formatAddress(hop))
    if (!inAnyRange(hop, trusted)) break
  }
  return believed
}

/** Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const parts = /^\[([^\]]*)\](?::\d{1,5})?$|^([^:]*):\d{1,5}$/.exec(entry)
  return parts === null ? entry : (parts[1] ?? parts[2] ?? entry)
}
