import type { Balancers } from '../state/balancing/balancers.ts'
import type { PooledAddress } from '../state/pools.ts'
import { affinityOf } from './affinity.ts'
import type { Trip } from './trip.ts'

/**
 * The address of an upstream that gets a try, as the rule says; one after the other where it says nothing.
 *
 * @param last - where the try before went, which is avoided; null = this is the first
 * @returns null when none may have it
 */
export function chooseAddress(
  { pooled, plan, content }: Pick<Trip, 'pooled' | 'plan' | 'content'>,
  last: PooledAddress | null,
  balancers: Balancers,
): PooledAddress | null {
  const { balancing } = plan.action
  if (balancing === null) return pooled.next(last)
  return balancers.of(pooled, balancing).pick(affinityOf(balancing.pick, content), last)
}
