import { z } from 'zod'
import { claimPath } from './common.ts'

/** Where the attributes of a principal are in its claims; null = it has none. */
export const claimMap = z.strictObject({
  roles: claimPath.nullable(),
  scopes: claimPath.nullable(),
  groups: claimPath.nullable(),
  tenant: claimPath.nullable(),
  plan: claimPath.nullable(),
  /** `values` says which level a text stands for; of any other text nothing is known. */
  trustLevel: z
    .strictObject({ claim: claimPath, values: z.record(z.string().max(256), z.int().min(0).max(100)) })
    .nullable(),
})
export type ClaimMap = z.infer<typeof claimMap>
