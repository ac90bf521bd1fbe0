import { z } from 'zod'
import { positiveDuration } from './common.ts'

const limits = {
  limit: z
    .int()
    .min(1)
    .max(100000)
    .describe('The wrong credentials within one window that block the address, IPv6 by /64.'),
  window: positiveDuration('The time in which they are counted. It begins with a wrong credential.'),
  blockFor: positiveDuration('How long the address is blocked.'),
}

const perProvider = z
  .strictObject(limits)
  .describe(
    'Counts the wrong credentials that each provider claims for itself, beside those of the address, and blocks the address for that provider alone. Absent = only the address is counted.',
  )

export const failureThrottle = z
  .strictObject({ ...limits, perProvider: perProvider.optional() })
  .describe(
    'Blocks addresses that present credentials which nobody issued: a signature that does not hold, an API key that nobody has, a token that the introspection endpoint does not know. Expired and revoked credentials do not count. A blocked address is answered 429, but for callers whose credential is known to be good. Each data plane counts for itself. All levels must pass. Absent = none is blocked.',
  )
