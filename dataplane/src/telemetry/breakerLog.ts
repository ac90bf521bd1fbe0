import type { Clock } from '../clock.ts'
import type { BreakerChange, BreakerOwner } from '../state/breakers.ts'
import type { Logger } from './logger.ts'

/** For so long nothing more is said of a breaker that opened, in milliseconds. */
const pause = 60_000

/**
 * Tells in the operational log that a breaker has opened, and that this one has closed; no more than once a minute each,
 * since whoever writes a route decides how often its breaker moves.
 */
export function breakerLog(
  logger: Logger,
  clock: Clock,
): (key: string, owner: BreakerOwner, change: BreakerChange) => void {
  /** When the last opening was told, and whether the circuit is still said to be open. */
  const told = new Map<string, { readonly at: number; open: boolean }>()
  return (key, { route, rule, upstream }, change) => {
    const last = told.get(key)
    if (change === 'forgotten') {
      told.delete(key)
      return
    }
    const now = clock.monotonic()
    const detail = { resource: `route/${route}`, rule, upstream }
    if (change === 'opened' && !(last !== undefined && (last.open || now - last.at < pause))) {
      told.set(key, { at: now, open: true })
      logger.event('breaker-opened', detail)
    } else if (change === 'closed' && last?.open === true) {
      last.open = false
      logger.event('breaker-closed', detail)
    }
  }
}
