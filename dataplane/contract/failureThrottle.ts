import { z } from 'zod'
import { milliseconds } from './common.ts'

const limits = { limit: z.int().min(1), window: milliseconds.min(1), blockFor: milliseconds.min(1) }

/** `limit` credentials that nobody issued, within one `window`, block the client's network for `blockFor`. */
export const failureThrottle = z.strictObject({
  ...limits,
  /** The same for the credentials that one provider claims, which blocks the network for that provider; null = no such count. */
  perProvider: z.strictObject(limits).nullable(),
})
