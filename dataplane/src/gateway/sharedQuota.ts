import { DividedMeter } from '../policy/dividedMeter.ts'
import type { QuotaCheck, Rate } from '../policy/quotas.ts'
import type { SharedQuota } from '../policy/sharedQuotas.ts'
import type { Fleet } from '../state/fleet.ts'
import { mostOf, type CompiledQuota } from './compileQuota.ts'

/** A quota that all data planes count together, at the level at which its policy is attached. */
export function sharedQuota(
  check: QuotaCheck,
  { sharePercent, onStoreFailure }: NonNullable<CompiledQuota['shared']>,
  fleet: Fleet,
): SharedQuota {
  let local: QuotaCheck | null = null
  return { check, sharePercent, onStoreFailure, local: () => (local ??= dividedCheck(check, fleet)) }
}

function dividedCheck(check: QuotaCheck, fleet: Fleet): QuotaCheck {
  const least = mostOf(check.cost)
  const divided = (rates: readonly Rate[]): readonly Rate[] =>
    rates.map((rate) => ({ ...rate, meter: new DividedMeter(rate.meter, least, fleet) }))
  const { rates, plans } = check
  return {
    ...check,
    rates: divided(rates),
    plans: plans && new Map([...plans].map(([name, own]) => [name, divided(own)])),
  }
}
