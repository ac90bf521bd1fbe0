import { z } from 'zod'
import { name } from './common.ts'

export const headerCredential = z.strictObject({
  /** Lower-case header name. */
  header: name,
  /** What precedes the credential, such as `Bearer `; compared without case (RFC 9110 11.1); may be empty. */
  prefix: z.string().max(64),
})
