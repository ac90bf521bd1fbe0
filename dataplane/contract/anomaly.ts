import { z } from 'zod'
import { milliseconds, name } from './common.ts'
import { plainKey } from './quota.ts'

/** Tells of spikes of a key's requests against what is usual for it, and may restrict them. */
export const anomaly = z.strictObject({
  keys: z.array(plainKey).min(1).max(5),
  /** How many times the busiest minute that is usual in this hour of the week a minute has to have. */
  ratio: z.int().min(2),
  /** Fewer requests in a minute are never a spike. */
  minRequests: z.int().min(1),
  /** How long a key is watched before anything of it can be a spike. */
  baseline: milliseconds.min(1),
  /** Requests let through in each window while a spike lasts; null = all. */
  throttle: z.strictObject({ limit: z.int().min(1), window: milliseconds.min(1) }).nullable(),
  /** Where each beginning and end of a spike is told; null = in the log alone. */
  events: z
    .strictObject({
      /** Webhook: a JSON object by POST. OTLP: a log record by OTLP/HTTP in JSON. */
      type: z.enum(['Webhook', 'OTLP']),
      url: z.string().max(2048),
      /** Which addresses its host may resolve to (M13). */
      addresses: z.enum(['Public', 'Private']),
      /** A `trust` resource in place of the system's certificate authorities; null = the system's. */
      trust: name.nullable(),
    })
    .nullable(),
})
export type Anomaly = z.infer<typeof anomaly>
