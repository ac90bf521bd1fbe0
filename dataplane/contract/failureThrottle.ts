import { z } from 'zod'
import { milliseconds } from './common.ts'

/** `limit` credentials that nobody issued, within one `window`, block the client's network for `blockFor`. */
export const failureThrottle = z.strictObject({
  limit: z.int().min(1),
  window: milliseconds.min(1),
  blockFor: milliseconds.min(1),
})
