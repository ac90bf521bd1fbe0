import { z } from 'zod'
import { milliseconds, positiveDuration } from './common.ts'
import { atomic } from './lists.ts'
import { ruled } from './rule.ts'

/** The longest first pause, in milliseconds. */
const maxBackoff = 60_000

/** When a rule sends a request again. */
export const retry = ruled(
  z
    .strictObject({
      attempts: z
        .int()
        .min(1)
        .max(10)
        .default(1)
        .describe(
          'How often a request is sent again at most. bounds.maxRetries of the Gatehouse bounds it; more is cut to that.',
        ),
      codes: atomic(
        z.int().min(400).max(599).describe('A status of 400 to 599.'),
        { min: 0, max: 16 },
        'Statuses of a backend after which an idempotent request is sent again. Empty = none.',
      ).default([502, 503, 504]),
      backoff: positiveDuration(
        'The pause before the first retry; it doubles with each, up to ten times, and half of it is random. At most 1m.',
      ).default('50ms'),
      budgetPercent: z
        .int()
        .min(1)
        .max(100)
        .default(20)
        .describe(
          'The share of the requests under way to a backend of this rule that may be retries, in percent; three always may.',
        ),
    })
    .describe(
      'Sends a request again whose try failed, where that is safe: it never left, or its method is idempotent and its body is still known. Absent = never.',
    ),
  {
    rule: "duration(self.backoff) <= duration('1m')",
    message: 'backoff must not be longer than 1m',
    holds: (self) => milliseconds(self.backoff) <= maxBackoff,
  },
)
