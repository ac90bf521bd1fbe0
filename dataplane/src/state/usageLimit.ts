import type { Clock } from '../clock.ts'
import { charge, fitsAt, meterOf, settle } from '../policy/meter.ts'
import { present } from '../policy/moment.ts'
import type { Meters } from './meters.ts'

/** Bounds how often one client network asks for its usage. */
export interface UsageLimit {
  /** @param network - null = not known; all of those are one. @returns milliseconds until it may ask again; 0 = it may, and has */
  ask(network: string | null): number
}

/** Ten at once, then one a second. */
const meter = meterOf('TokenBucket', { limit: 1, window: 1000, burst: 10 })

export function createUsageLimit(meters: Meters, clock: Clock): UsageLimit {
  const { value: table } = meters.acquire('usage', { namespace: '', slowest: meter })
  return {
    ask(network) {
      const now = present(clock)
      const place = table.place(network ?? '-', now)
      settle(meter, table.cells, place, now.steady)
      const wait = fitsAt(meter, table.cells, place, 1) - now.steady
      if (wait > 0) return Math.ceil(wait / 1000)
      charge(meter, table.cells, place, 1)
      return 0
    },
  }
}
