import { z } from 'zod'
import { text } from './common.ts'

/** Which names of a certificate are meant (RFC 5280 4.2.1.6). */
const subjectAltName = z.strictObject({
  type: z.enum(['URI', 'DNS', 'Email', 'IP']),
  /**
   * URI and DNS: `*` stands for one path segment or one label. Email: an address, or `*@` and a domain for any local
   * part. IP: a range in CIDR form.
   */
  pattern: text,
})
export type SubjectAltName = z.infer<typeof subjectAltName>

/** Patterns of names of which a certificate must have one. */
export const subjectAltNames = z.array(subjectAltName).min(1).max(32)
