import type { ResourceSpec } from '@gatehouse/contract'
import { inAnyRange, parseAddress, parseRange, readableRanges, type Address, type AddressRange } from '../address.ts'
import type { Gateway, UpstreamView } from '../gateway/gateway.ts'

type Outbound = ResourceSpec<'installation'>['outbound']

const ranges = (...texts: string[]): readonly AddressRange[] => texts.map((text) => parseRange(text)!)

const loopback = ranges('127.0.0.0/8', '::1/128')

/** Never dialled for anybody. */
const forbidden = ranges(
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  'fe80::/10',
  'ff00::/8',
  // IPv4 inside IPv6: NAT64 (RFC 6052, RFC 8215), Teredo (RFC 4380), 6to4 (RFC 3056). They reach what the rest forbids.
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
  // Metadata services of clouds outside the link-local range.
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
)

/** Not reachable from the internet (RFC 6890): for Service endpoints and hosts allowed as `Private`. */
const privateUse = ranges(
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  'fc00::/7',
  'fec0::/10',
)

/** What M13 says of addresses, for one installation. */
export interface AddressRules {
  /** null = a range could not be read: nothing is dialled. */
  readonly denied: readonly AddressRange[] | null
  /** null = anywhere. */
  readonly pods: readonly AddressRange[] | null
  readonly allowLoopback: boolean
}

export function addressRules({ deniedAddresses, podCIDRs, allowLoopback }: Outbound): AddressRules {
  const denied = deniedAddresses.map(parseRange)
  return {
    denied: denied.every((range) => range !== null) ? denied : null,
    pods: podCIDRs.length === 0 ? null : readableRanges(podCIDRs),
    allowLoopback,
  }
}

const isDenied = ({ denied }: AddressRules, address: Address): boolean =>
  denied === null || inAnyRange(address, denied) || inAnyRange(address, forbidden)

/** Whether an endpoint of a Service may be dialled: private addresses may, loopback never. */
export function mayDialEndpoint(rules: AddressRules, text: string): boolean {
  const address = parseAddress(text)
  if (address === null || inAnyRange(address, loopback) || isDenied(rules, address)) return false
  return rules.pods === null || inAnyRange(address, rules.pods)
}

/**
 * Whether a fetch may connect to an address.
 *
 * @param addresses - what the host may resolve to
 */
export function mayFetchFrom(rules: AddressRules, text: string, addresses: 'Public' | 'Private'): boolean {
  const address = parseAddress(text)
  if (address === null) return false
  if (inAnyRange(address, loopback)) return rules.allowLoopback
  if (isDenied(rules, address)) return false
  return addresses === 'Private' || !inAnyRange(address, privateUse)
}

export const isLoopback = (text: string): boolean => {
  const address = parseAddress(text)
  return address !== null && inAnyRange(address, loopback)
}

const rulesByOutbound = new WeakMap<Outbound, AddressRules>()

/** The rules of a gateway's installation; the same object as long as the installation stays. */
export function rulesOf({ installation: { outbound } }: Gateway): AddressRules {
  let rules = rulesByOutbound.get(outbound)
  if (rules === undefined) rulesByOutbound.set(outbound, (rules = addressRules(outbound)))
  return rules
}

let rulesKeys = 0
const keysByRules = new WeakMap<AddressRules, number>()

/** The same for the same rules of a gateway's installation, another after they changed. */
export function rulesKeyOf(gateway: Gateway): number {
  const rules = rulesOf(gateway)
  let key = keysByRules.get(rules)
  if (key === undefined) keysByRules.set(rules, (key = ++rulesKeys))
  return key
}

/** M13 for upstream connections: an endpoint, unless it is a development target given by hand. */
export const permitsEndpoint = (address: string, upstream: UpstreamView['spec'], gateway: Gateway): boolean =>
  upstream.exemptFromAddressRules || mayDialEndpoint(rulesOf(gateway), address)
