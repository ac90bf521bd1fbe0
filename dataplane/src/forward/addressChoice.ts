import type { PermitContent } from '../gateway/gateway.ts'
import type { Balancers } from '../state/balancing/balancers.ts'
import type { PooledAddress, PooledUpstream } from '../state/pools.ts'
import { affinityOf } from './affinity.ts'

interface Choosing {
  /** Where the try before went, which is avoided; null = this is the first. */
  readonly last: PooledAddress | null
  readonly balancers: Balancers
}

/**
 * The address of an upstream that gets a try, as the rule says; one after the other where it says nothing.
 *
 * @returns null when none may have it
 */
export function chooseAddress(
  upstream: PooledUpstream,
  content: PermitContent,
  { last, balancers }: Choosing,
): PooledAddress | null {
  const { balancing } = content.plan.action
  if (balancing === null) return upstream.next(last)
  return balancers.of(upstream, balancing).pick(affinityOf(balancing.pick, content), last)
}
