import type { Meter } from '../policy/meter.ts'
import type { QuotaCheck, Rate } from '../policy/quotas.ts'
import type { SharedQuota } from '../policy/sharedQuotas.ts'
import type { Fleet } from '../state/fleet.ts'
import type { CompiledQuota } from './compileQuota.ts'

/** A quota that all data planes count together, at the level at which its policy is attached. */
export function sharedQuota(
  check: QuotaCheck,
  { sharePercent, onStoreFailure }: NonNullable<CompiledQuota['shared']>,
  fleet: Fleet,
): SharedQuota {
  let divided: QuotaCheck | null = null
  let by = 0
  return {
    check,
    sharePercent,
    onStoreFailure,
    local: () => {
      if (divided === null || by !== fleet.dataPlanes) divided = dividedCheck(check, fleet)
      by = fleet.dataPlanes
      return divided
    },
  }
}

const dividedCheck = (check: QuotaCheck, fleet: Fleet): QuotaCheck => ({
  ...check,
  rates: dividedRates(check.rates, fleet),
  plans: check.plans && new Map([...check.plans].map(([name, rates]) => [name, dividedRates(rates, fleet)])),
})

const dividedRates = (rates: readonly Rate[], fleet: Fleet): readonly Rate[] =>
  rates.map((rate) => ({ ...rate, meter: dividedMeter(rate.meter, fleet) }))

const dividedMeter = (meter: Meter, { share }: Fleet): Meter => ({
  ...meter,
  limit: share(meter.limit),
  burst: share(meter.burst),
})
