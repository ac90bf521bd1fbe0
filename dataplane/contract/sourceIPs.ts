import { z } from 'zod'
import { cidr } from './common.ts'

const ranges = z.array(cidr).max(256)

/** Which client addresses may call at all. Those of every policy in force must pass. */
export const sourceIPs = z.strictObject({
  /** Empty = any. */
  allow: ranges,
  deny: ranges,
  /** True when a range could not be read: then all that the policy covers is refused (M7). */
  broken: z.boolean(),
})
export type SourceIPs = z.infer<typeof sourceIPs>
