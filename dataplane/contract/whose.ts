import { z } from 'zod'
import { name, text } from './common.ts'

/** Of whose callers an entry of a list speaks. */
export const whose = {
  /** Those of a provider, or of any that verifies this issuer. */
  of: z.enum(['Provider', 'Issuer']),
  /** A provider of the policy that names the list. */
  name: text.min(1),
}

/** Names a resource that holds a list. `broken`: there is none that could be read. */
export const listReference = z.strictObject({ list: name, broken: z.boolean() })
