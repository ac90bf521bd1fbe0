import { z } from 'zod'
import { text } from './common.ts'

/** `*` stands for one path segment (URI) or one label (DNS). */
const subjectAltName = z.strictObject({ type: z.enum(['URI', 'DNS']), pattern: text })
export type SubjectAltName = z.infer<typeof subjectAltName>

/** Patterns of names of which a certificate must have one. */
export const subjectAltNames = z.array(subjectAltName).min(1).max(32)
