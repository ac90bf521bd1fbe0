import { z } from 'zod'
import { claimPath, milliseconds, name } from './common.ts'

/** Parts that are told by their type alone. */
export const plainKey = z.enum(['IP', 'Principal', 'APIKey', 'Tenant', 'Route'])

export const quotaKey = z.discriminatedUnion('type', [
  z.strictObject({ type: plainKey }),
  /** Lower case. It counts only beside the others: a client can choose its values. */
  z.strictObject({ type: z.literal('Header'), name }),
  z.strictObject({ type: z.literal('Claim'), path: claimPath }),
])
export type QuotaKey = z.infer<typeof quotaKey>

const units = z.int().min(1).max(1_000_000_000)
/** At least a millisecond, at most 99,999 hours. */
const window = milliseconds.min(1).max(359_996_400_000)
const rates = z.array(z.strictObject({ limit: units, window, burst: units })).max(4)

/** A cost is at most this, so that no sum of costs leaves the whole numbers. */
const cost = z.int().min(0).max(1_000_000)

export const quota = z.strictObject({
  name,
  keys: z.array(quotaKey).min(1).max(7),
  /**
   * `TokenBucket`: each rate is a bucket of `burst` units refilled by `limit` a `window`. For the others `burst` is the
   * limit; a calendar is counted in fixed windows.
   */
  algorithm: z.enum(['TokenBucket', 'SlidingWindow', 'FixedWindow']),
  /**
   * `Replica`: each data plane counts for itself. `Gateway`: each takes its part of every limit and burst. `Shared`: all
   * count together in the `quotaStore`, as `shared` says.
   */
  scope: z.enum(['Replica', 'Gateway', 'Shared']),
  /** null = scope is another. */
  shared: z
    .strictObject({
      /** How much of a limit a data plane takes at once, to give it out without asking; null = nothing. */
      sharePercent: z.int().min(1).max(50).nullable(),
      /** What becomes of requests while nothing is known of the store. */
      onStoreFailure: z.enum(['Allow', 'Deny', 'LocalFallback']),
    })
    .nullable(),
  /** All must have room, or none is charged. Empty with a calendar, and only then. */
  rates,
  /** Days or months of a time zone; null = rates. */
  calendar: z.strictObject({ limit: units, period: z.enum(['Day', 'Month']), timeZone: name }).nullable(),
  /** The rates of callers of a plan, in place of `rates`; the principal is then part of the key. */
  plans: z.array(z.strictObject({ name, rates: rates.min(1) })).max(16),
  /** Units that a request takes; the first entry that names its method decides. 0 = it is not counted. */
  cost: z.strictObject({
    default: cost,
    byMethod: z.array(z.strictObject({ methods: z.array(name).min(1).max(16), cost })).max(16),
    /**
     * A header of answers, in lower case, which says what the request has cost beside that, at most `max`. Only a backend of
     * the policy's own namespace is believed, and the header goes no further. null = none.
     */
    responseHeader: z.strictObject({ name, max: cost.min(1) }).nullable(),
  }),
  /** A broken quota refuses all that its policy covers (M7). */
  broken: z.boolean(),
})
export type Quota = z.infer<typeof quota>
