import { z } from 'zod'
import { claimPath } from './common.ts'

/** Where the attributes of a principal are in its claims; null = it has none. */
export const claimMap = z.strictObject({
  roles: claimPath.nullable(),
  scopes: claimPath.nullable(),
  tenant: claimPath.nullable(),
})
export type ClaimMap = z.infer<typeof claimMap>
