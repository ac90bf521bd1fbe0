import type { Holder } from '../gateway/holder.ts'
import type { Fleet } from '../state/fleet.ts'
import type { SlotTable } from '../state/slots.ts'
import { keyOf, type KeyPlan, type QuotaSubject } from './quotaKeys.ts'

/** How many requests of one key one policy lets run at once, at all data planes together. */
export interface ConcurrencyCheck {
  readonly keys: KeyPlan
  readonly limit: number
  readonly policy: string
  readonly level: number
  readonly table: SlotTable
  /** With whom the limit is shared. */
  readonly fleet: Pick<Fleet, 'share'>
}

/**
 * Takes a slot of every check, or of none.
 *
 * @param holder - gives them back
 * @returns the check of which none is free; null = all were taken
 */
export function takeSlots(
  checks: readonly ConcurrencyCheck[],
  subject: QuotaSubject,
  holder: Holder,
): ConcurrencyCheck | null {
  const keys = checks.map((check) => keyOf(check.keys, subject, 0))
  const full = checks.find(({ table, limit, fleet }, index) => table.taken(keys[index]!) >= fleet.share(limit))
  if (full !== undefined) return full
  for (let index = 0; index < checks.length; index++) holder.keep(checks[index]!.table.take(keys[index]!))
  return null
}
