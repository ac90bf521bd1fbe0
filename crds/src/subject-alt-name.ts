import { z } from 'zod'
import { text } from './common.ts'
import { atomic } from './lists.ts'

/** Patterns of subject alternative names, by type, of which a certificate must have at least one. */
export const subjectAltNames = (description: string) =>
  atomic(
    z
      .strictObject({
        type: z.enum(['URI', 'DNS']).describe('The type of the subject alternative name.'),
        pattern: text(1024, 'The name; * stands for one path segment of a URI or one label of a DNS name.'),
      })
      .describe('A subject alternative name.'),
    { min: 1, max: 32 },
    description,
  )
