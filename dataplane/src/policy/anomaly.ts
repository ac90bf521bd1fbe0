import type { AnomalyTable } from '../state/anomaly/anomalies.ts'
import { keyOf, type KeyPlan, type QuotaSubject } from './quotaKeys.ts'

/** What one policy takes for unusual, at the level at which it is attached. */
export interface AnomalyCheck {
  readonly policy: string
  readonly level: number
  readonly keys: KeyPlan
  readonly table: AnomalyTable
}

/** Something unusual about a request. */
export interface Unusual {
  readonly check: AnomalyCheck
  /** Milliseconds until it may pass; 0 = it may. */
  readonly wait: number
}

/**
 * Takes note of a request under every check.
 *
 * @returns what keeps it out longest, or the first that is unusual; null = nothing is
 */
export function unusualIn(checks: readonly AnomalyCheck[], subject: QuotaSubject): Unusual | null {
  let found: Unusual | null = null
  for (const check of checks) {
    const wait = check.table.note(keyOf(check.keys, subject, 0))
    if (wait !== null && wait > (found?.wait ?? -1)) found = { check, wait }
  }
  return found
}
