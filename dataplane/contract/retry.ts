import { z } from 'zod'
import { timer } from './common.ts'

/** When a request that failed is sent again: only where that is safe. */
export const retry = z.strictObject({
  /** How often, beyond the first time. */
  attempts: z.int().min(1).max(10),
  /** Statuses of a backend that count as failures, for idempotent methods. */
  codes: z.array(z.int().min(400).max(599)).max(16),
  /** Milliseconds before the first retry; doubles with each. */
  backoff: timer.min(1).max(60_000),
  /** The share of the rule's requests under way that may be retries. */
  budgetPercent: z.int().min(1).max(100),
})
