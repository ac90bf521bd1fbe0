import { z } from 'zod'
import { positiveDuration } from './common.ts'
import { fetchedUrl } from './fetched-url.ts'
import { plainKeys } from './quota-key.ts'
import { ruled } from './rule.ts'

const spike = z
  .strictObject({
    ratio: z
      .int()
      .min(2)
      .max(1000)
      .describe(
        'How many times as many requests as in the busiest minute that is usual for the key in this hour of the week a minute has to have.',
      ),
    minRequests: z.int().min(1).max(1000000000).describe('A minute with fewer requests is never a spike.'),
    baseline: positiveDuration(
      'How long a key is watched before anything of it can be a spike. From 24h on every hour of the day is known by then.',
    ),
  })
  .describe(
    'What is a spike. What is usual is learned for each key by hour and weekday of UTC, the newest week counting for 0.3, by each data plane for itself, and lost with its restart. Until then an hour that was never seen is as the same hour on other days.',
  )

const throttle = z
  .strictObject({
    limit: z.int().min(1).max(1000000000).describe('The requests of the key that each window lets through.'),
    window: positiveDuration('The time in which limit requests come back.'),
  })
  .describe('What is let through of a key while its spike lasts; the rest is answered 429.')

const events = z
  .strictObject({
    type: z
      .enum(['Webhook', 'OTLP'])
      .describe('Webhook: a JSON object by POST. OTLP: a log record by OTLP over HTTP in JSON.'),
    url: fetchedUrl('Where they are sent: https, to a host that outbound.allowedHosts of the Gatehouse names.'),
  })
  .describe(
    'Where each beginning and end of a spike is told. Nothing waits for it: up to 256 wait in memory, those that cannot be delivered are tried again for some minutes. Absent = only the log and metrics tell.',
  )

export const anomaly = ruled(
  z
    .strictObject({
      keys: plainKeys('Whose requests are compared with what is usual. Requests that lack a part are one key.'),
      spike,
      action: z
        .enum(['Log', 'Throttle'])
        .describe('Log: spikes are told and nothing is refused. Throttle: they are also restricted, by throttle.'),
      throttle: throttle.optional(),
      events: events.optional(),
    })
    .describe(
      'Finds keys with far more requests than is usual for them. Those of all policies of all levels apply. Absent = nobody looks.',
    ),
  {
    rule: "has(self.throttle) == (self.action == 'Throttle')",
    message: 'throttle is required with action Throttle, and only then',
    holds: (self) => (self.throttle !== undefined) === (self.action === 'Throttle'),
  },
)
