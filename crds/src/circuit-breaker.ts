import { z } from 'zod'
import { positiveDuration } from './common.ts'

/** When a rule stops asking a backend that fails. */
export const circuitBreaker = z
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
  })
  .describe('Stops asking a backend that fails. Only faults of the backend count. Absent = never.')
