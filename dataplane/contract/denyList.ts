import { z } from 'zod'
import { cidr, text } from './common.ts'
import { whose } from './whose.ts'

const deniedCaller = z.strictObject({
  /** A provider is one of the policy that names the list, or any, as `namespace/policy/provider`. */
  ...whose,
  what: z.enum(['Subject', 'ClientId']),
  value: text.min(1),
})
export type DeniedCaller = z.infer<typeof deniedCaller>

/** Who may not call, whatever else holds. */
export const denyList = z.strictObject({
  ranges: z.array(cidr).max(10_000),
  callers: z.array(deniedCaller).max(10_000),
})
