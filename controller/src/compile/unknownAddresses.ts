import type { AccessPolicySpec } from '@gatehouse/crds'
import { note, type Note } from './findings.ts'
import { holdKey, type Hold } from './holds.ts'
import type { ListenerView } from './listeners.ts'
import { memoised } from './memo.ts'
import type { Parent } from './parents.ts'

type RuleSpec = NonNullable<AccessPolicySpec['authorization']>['rules'][number]

/** Reads more than there is where the word stands in a text; that is no harm. */
const asksFor = (expression: string | undefined): boolean => /\bsourceIP\b/.test(expression ?? '')

function inRule({ unless, expression }: RuleSpec, at: string): readonly string[] {
  return [
    ...(asksFor(expression) ? [`${at}/expression`] : []),
    ...(unless?.sourceCIDRs ? [`${at}/unless/sourceCIDRs`] : []),
    ...(asksFor(unless?.expression) ? [`${at}/unless/expression`] : []),
  ]
}

/** JSON pointers to what of a policy asks for the addresses of clients; a deny list may at any time, whatever it holds now. */
const askingPlaces = memoised((spec: AccessPolicySpec): readonly string[] => [
  ...(spec.sourceIPs ? ['/spec/sourceIPs'] : []),
  ...(spec.denyList ? ['/spec/denyList'] : []),
  ...(spec.authentication?.failureThrottle ? ['/spec/authentication/failureThrottle'] : []),
  ...(spec.authorization?.rules ?? []).flatMap((rule, index) => inRule(rule, `/spec/authorization/rules/${index}`)),
  ...(spec.quotas ?? []).flatMap(({ keys }, index) => (byAddress(keys) ? [`/spec/quotas/${index}/keys`] : [])),
  ...(spec.concurrency && byAddress(spec.concurrency.keys) ? ['/spec/concurrency/keys'] : []),
  ...(spec.anomaly && byAddress(spec.anomaly.keys) ? ['/spec/anomaly/keys'] : []),
])

const byAddress = (keys: readonly { readonly type: string }[]): boolean => keys.some(({ type }) => type === 'IP')

/** Whether there are clients whose address nobody says there: those in `clusterCIDRs`, where no proxy is believed. */
const leavesUnknown = ({ spec: { clientAddress } }: ListenerView): boolean =>
  (clientAddress?.clusterCIDRs ?? []).length > 0 && (clientAddress?.trustedCIDRs ?? []).length === 0

/** What holds on a route ask of addresses that its listeners do not know, by {@link holdKey}. */
export function unknownAddresses(
  parents: readonly Parent[],
  holds: readonly Hold[],
): ReadonlyMap<string, readonly Note[]> {
  const all = new Map<string, readonly Note[]>()
  const listeners = parents.flatMap((parent) => parent.listeners.filter(leavesUnknown).map(({ spec }) => spec.name))
  if (listeners.length === 0) return all
  const named = [...new Set(listeners)].sort()
  for (const hold of holds) {
    const places = hold.spec ? askingPlaces(hold.spec) : []
    const at = named.flatMap((listener) => places.map((place) => `${place} (listener ${listener})`))
    if (at.length > 0) all.set(holdKey(hold), [note('AddressesUnknown', 'InClusterCIDRs', ...at)])
  }
  return all
}
