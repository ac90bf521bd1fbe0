import { defaultPanicThreshold, type GatewayRouteSpec } from '@gatehouse/crds'
import type { Balancing, HashKey } from '@gatehouse/contract'
import { timerOf } from './durations.ts'
import { checksOf } from './healthChecks.ts'
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

/** What holds where a rule says nothing. */
const silent: LoadBalancing = { type: 'RoundRobin', slowStart: '0s', panicThresholdPercent: defaultPanicThreshold }

/** How a rule spreads its requests over addresses; null = one after the other. */
export const balancingOf = memoised(({ loadBalancing = silent, healthCheck }: RuleSpec): Balancing | null => {
  const slowStart = timerOf(loadBalancing.slowStart)
  const pick = pickOf(loadBalancing)
  if (pick.type === 'RoundRobin' && slowStart === 0 && healthCheck === undefined) return null
  const checks = healthCheck ? checksOf(healthCheck) : { active: null, passive: null }
  return { pick, slowStart, panicThreshold: loadBalancing.panicThresholdPercent, ...checks }
})
