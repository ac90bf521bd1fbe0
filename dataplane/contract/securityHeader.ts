import { z } from 'zod'
import { name } from './common.ts'

/** A header that is added to every answer which does not have it. */
export const securityHeader = z.strictObject({
  /** Lower case. */
  name,
  value: z
    .string()
    .max(1024)
    .regex(/^[!-~]([ -~]*[!-~])?$/),
})
export type SecurityHeader = z.infer<typeof securityHeader>
