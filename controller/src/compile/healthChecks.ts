import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { ActiveCheck, PassiveCheck } from '@gatehouse/contract'
import type { ResolvedBackend, UnresolvedBackend } from './backends.ts'
import { timerOf } from './durations.ts'
import { note } from './findings.ts'
import type { Purse } from './purse.ts'

type RuleSpec = GatewayRouteSpec['rules'][number]
type HealthCheck = NonNullable<RuleSpec['healthCheck']>

/**
 * What a check of an upstream that no other rule makes costs a namespace, in bytes. It stands for what data planes keep
 * of each address, and does not grow with them, so that a change of endpoints is still cheap to account for.
 */
const checkBytes = 16 * 1024

export interface MadeChecks {
  readonly active: ActiveCheck | null
  readonly passive: PassiveCheck | null
}

/** What takes endpoints out. */
export const checksOf = ({ active, passive }: HealthCheck): MadeChecks => ({
  active: active
    ? {
        path: active.path,
        interval: timerOf(active.interval),
        timeout: timerOf(active.timeout),
        healthyThreshold: active.healthyThreshold,
        unhealthyThreshold: active.unhealthyThreshold,
        expectedStatuses: [...active.expectedStatuses],
      }
    : null,
  passive: passive
    ? {
        consecutiveErrors: passive.consecutiveErrors,
        ejectFor: timerOf(passive.ejectFor),
        maxEjectionPercent: passive.maxEjectionPercent,
      }
    : null,
})

/**
 * The backend, once its rule's checks are paid for; rules that check an upstream alike share one check, and pay once.
 *
 * @param at - JSON pointer to the reference
 */
export function checkedBackend(
  found: ResolvedBackend | UnresolvedBackend,
  at: string,
  { healthCheck }: Pick<RuleSpec, 'healthCheck'>,
  purse: Purse,
): ResolvedBackend | UnresolvedBackend {
  if (healthCheck === undefined || 'notes' in found) return found
  const { active, passive } = checksOf(healthCheck)
  const paid = [active, passive].every(
    (check) => check === null || purse.payOnce(`check ${found.upstream} ${JSON.stringify(check)}`, checkBytes),
  )
  return paid ? found : { notes: [note('ResolvedRefs', 'BudgetExceeded', at)] }
}
