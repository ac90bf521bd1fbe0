import { z } from 'zod'
import { name } from './common.ts'

/** An upstream that gets copies of requests. One that cannot be used gets none, and costs no request anything. */
export const mirror = z.strictObject({
  upstream: name,
  /** Upper case; GET covers HEAD. */
  methods: z.array(z.string().min(1).max(32)).min(1).max(16),
  /** How many of how many requests are copied. */
  share: z.strictObject({ numerator: z.int().min(0).max(1000000), denominator: z.int().min(1).max(1000000) }),
})
