import { z } from 'zod'
import { milliseconds, name } from './common.ts'

export const quotaKey = z.enum(['IP', 'Principal', 'APIKey', 'Tenant', 'Route'])

export const quota = z.strictObject({
  name,
  keys: z.array(quotaKey).min(1).max(5),
  algorithm: z.literal('TokenBucket'),
  scope: z.literal('Replica'),
  /** Each is a bucket of `burst` tokens refilled by `limit` a `window`; all must have a token. */
  rates: z
    .array(z.strictObject({ limit: z.int().min(1), window: milliseconds.min(1), burst: z.int().min(1) }))
    .min(1)
    .max(4),
  /** A broken quota refuses all that its policy covers (M7). */
  broken: z.boolean(),
})
export type Quota = z.infer<typeof quota>
