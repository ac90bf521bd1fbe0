import { z } from 'zod'
import { plainKey } from './quota.ts'

/** How many requests of one key may run at once. */
export const concurrency = z.strictObject({
  keys: z.array(plainKey).min(1).max(5),
  limit: z.int().min(1),
})
export type Concurrency = z.infer<typeof concurrency>
