import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { Balancing, HashKey } from '@gatehouse/contract'
import { timerOf } from './durations.ts'
import { memoised } from './memo.ts'

type RuleSpec = GatewayRouteSpec['rules'][number]
type LoadBalancing = NonNullable<RuleSpec['loadBalancing']>

function keyOf({ type, name = '' }: NonNullable<LoadBalancing['hashOn']>): HashKey {
  switch (type) {
    case 'Header':
      return { type, name: name.toLowerCase() }
    case 'Cookie':
      return { type, name }
    default:
      return { type }
  }
}

function pickOf({ type, hashOn }: LoadBalancing): Balancing['pick'] {
  if (type !== 'ConsistentHash') return { type }
  return hashOn === undefined ? { type: 'LeastRequest' } : { type, key: keyOf(hashOn) }
}

/** How a rule spreads its requests over addresses; null = one after the other. */
export const balancingOf = memoised(({ loadBalancing }: RuleSpec): Balancing | null => {
  if (loadBalancing === undefined) return null
  const slowStart = timerOf(loadBalancing.slowStart)
  const pick = pickOf(loadBalancing)
  return pick.type === 'RoundRobin' && slowStart === 0 ? null : { pick, slowStart }
})
