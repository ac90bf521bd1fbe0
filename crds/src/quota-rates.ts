import { z } from 'zod'
import { positiveDuration } from './common.ts'
import { atomic } from './lists.ts'

export const units = (description: string) => z.int().min(1).max(1000000000).describe(description)

const rate = z
  .strictObject({
    limit: units('The units that each window permits.'),
    window: positiveDuration('The time that the limit is for.'),
    burst: units('With TokenBucket: the units that the bucket holds. Default: limit.').optional(),
  })
  .describe('A rate.')

export const quotaRates = (description: string) => atomic(rate, { min: 1, max: 4 }, description)

export const quotaCalendar = z
  .strictObject({
    limit: units('The units that each period permits.'),
    period: z.enum(['Day', 'Month']).describe('When the count begins anew: with each day, or with each month.'),
    timeZone: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/)
      .default('UTC')
      .describe('Whose days they are: a name of the IANA time zone database such as Europe/Berlin.'),
  })
  .describe('A limit for each day or month of a time zone; a day has 23 or 25 hours when its clocks change.')
