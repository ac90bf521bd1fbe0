import { z } from 'zod'
import { positiveDuration } from './common.ts'
import { ruled } from './rule.ts'

/** When a rule stops asking a backend that fails, and how much it asks of one at a time. */
export const circuitBreaker = ruled(
  z
    .strictObject({
      errorPercent: z
        .int()
        .min(1)
        .max(100)
        .default(50)
        .describe('The share of failed requests that opens it, in percent.'),
      minRequests: z
        .int()
        .min(1)
        .max(1000000)
        .default(20)
        .describe('The requests that the window must hold before it can open.'),
      window: positiveDuration('The time that is looked back on.').default('10s'),
      openFor: positiveDuration('How long it stays open before one request tries the backend again.').default('15s'),
      slowCall: positiveDuration(
        'An answer that begins later than this after the end of its request counts as failed. Absent = how late does not matter.',
      ).optional(),
      maxParallel: z
        .int()
        .min(1)
        .max(100000)
        .describe(
          'How many requests to each backend of the rule run at the same time, at each data plane; more are answered 503. Absent = no bound.',
        )
        .optional(),
      maxPending: z
        .int()
        .min(0)
        .max(10000)
        .describe('How many more wait until one of those has ended, instead of being answered 503. Absent = none.')
        .optional(),
    })
    .describe('Stops asking a backend that fails. Only faults of the backend count. Absent = never.'),
  {
    rule: '!has(self.maxPending) || has(self.maxParallel)',
    message: 'maxPending needs maxParallel',
    holds: (self) => self.maxPending === undefined || self.maxParallel !== undefined,
  },
)
