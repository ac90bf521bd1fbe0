import type { Authenticator } from '../policy/authentication.ts'
import { walkRules, type Asked, type Authorization } from '../policy/authorization.ts'
import type { Principal } from '../policy/principal.ts'
import type { ConcurrencyCheck } from '../policy/concurrency.ts'
import type { QuotaCheck } from '../policy/quotas.ts'
import type { PhaseQuotas } from './counting.ts'
import type { Check } from './refusal.ts'
import type { Step, Witness } from './witness.ts'

const nowhere = { policy: null, item: null, level: null }

/** A check that no policy's item is responsible for. */
export const passed = (check: Check): Step => ({ check, outcome: 'passed', ...nowhere })

export function sawCounted(witness: Witness, check: Check, { local, shared }: PhaseQuotas): void {
  const saw = ({ policy, quota: item, level }: QuotaCheck): void =>
    witness.saw({ check, outcome: 'counted', policy, item, level })
  local.forEach(saw)
  for (const { check: quota } of shared) saw(quota)
}

export function sawConcurrency(witness: Witness, checks: readonly ConcurrencyCheck[]): void {
  for (const { policy, level } of checks)
    witness.saw({ check: 'concurrency', outcome: 'counted', policy, item: null, level })
}

export function sawCaller(witness: Witness, { policy, level }: Authenticator, principal: Principal | null): void {
  const check = 'authentication'
  if (principal === null) witness.saw({ check, outcome: 'anonymous', policy, item: null, level })
  else
    witness.saw({
      check,
      outcome: 'verified',
      policy: definer(principal),
      item: principal.provider,
      level: principal.level,
    })
}

/** The policy that defines a provider, of its object `namespace/policy/provider`. */
const definer = ({ providerObject }: Principal): string => providerObject.split('/', 2).join('/')

export function sawRules(
  witness: Witness,
  authorization: Authorization,
  asked: Asked,
  principal: Principal | null,
): void {
  for (const { rule, outcome } of walkRules(authorization, asked, principal)) {
    const { policy, name: item, level } = rule
    witness.saw({ check: 'authorization', outcome, policy, item, level })
  }
}
