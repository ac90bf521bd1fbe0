import { z } from 'zod'
import { milliseconds, positiveDuration } from './common.ts'
import { atomic } from './lists.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

const second = 1000
const longestProbe = 10 * second

const active = ruled(
  z
    .strictObject({
      path: z
        .string()
        .min(1)
        .max(1024)
        .regex(/^\/[!"$-~]*$/)
        .describe('The path, with the query if there is one, that is asked for with GET.'),
      interval: positiveDuration(
        'The time between two probes of an endpoint by one data plane, at least 1s; it is varied by a tenth, and longer where the namespace has very many.',
      ).default('5s'),
      timeout: positiveDuration('How long a probe waits for an answer, at most the interval and 10s.').default('1s'),
      healthyThreshold: z
        .int()
        .min(1)
        .max(10)
        .default(1)
        .describe('Good probes in a row after which an endpoint is healthy again.'),
      unhealthyThreshold: z
        .int()
        .min(1)
        .max(10)
        .default(3)
        .describe('Failed probes in a row after which an endpoint is unhealthy.'),
      expectedStatuses: atomic(
        z.int().min(200).max(599).describe('A status of 200 to 599.'),
        { min: 1, max: 16 },
        'The statuses of a good probe. Redirects are not followed.',
      ).default([200]),
    })
    .describe('Asks each endpoint regularly. An endpoint that is new counts as healthy. Absent = nobody asks.'),
  {
    rule: "duration(self.interval) >= duration('1s')",
    message: 'interval must be at least 1s',
    holds: (self) => milliseconds(self.interval) >= second,
  },
  {
    rule: "duration(self.timeout) <= duration(self.interval) && duration(self.timeout) <= duration('10s')",
    message: 'timeout must not be longer than interval, nor than 10s',
    holds: (self) => milliseconds(self.timeout) <= Math.min(milliseconds(self.interval), longestProbe),
  },
)

const passive = ruled(
  z
    .strictObject({
      consecutiveErrors: z
        .int()
        .min(1)
        .max(1000)
        .default(5)
        .describe(
          'Requests in a row that failed at an endpoint, after which it is ejected: no connection, no answer in time, a reset, or 502, 503 or 504.',
        ),
      ejectFor: positiveDuration(
        'How long the first time; it doubles with each time soon after, up to 5m or this, whichever is longer. At least 1s.',
      ).default('30s'),
      maxEjectionPercent: z
        .int()
        .min(1)
        .max(100)
        .default(50)
        .describe('The share of the endpoints that may be ejected at a time, in percent, rounded down.'),
    })
    .describe('Ejects an endpoint whose answers to requests fail. Absent = none is ejected.'),
  {
    rule: "duration(self.ejectFor) >= duration('1s')",
    message: 'ejectFor must be at least 1s',
    holds: (self) => milliseconds(self.ejectFor) >= second,
  },
)

/** Which endpoints of a backend are to get no requests. */
export const healthCheck = ruled(
  z
    .strictObject({ active: active.optional(), passive: passive.optional() })
    .describe(
      'Takes endpoints that fail out of the balancing, beyond what Kubernetes says of them. Absent = all that are ready get requests.',
    ),
  {
    rule: 'has(self.active) || has(self.passive)',
    message: 'a health check needs active, passive or both',
    holds: (self) => present(self.active, self.passive) > 0,
  },
)
