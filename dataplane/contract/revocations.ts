import { z } from 'zod'
import { text } from './common.ts'
import { whose } from './whose.ts'

const revocation = z.strictObject({
  ...whose,
  /** What is compared; `All` compares nothing. */
  what: z.enum(['TokenId', 'Subject', 'ClientId', 'KeyId', 'All']),
  /** Empty for `All`. */
  value: text,
  /** Milliseconds since the epoch: only what was issued before, or does not say when; null = whenever. */
  issuedBefore: z.int().nullable(),
})
export type Revocation = z.infer<typeof revocation>

/** Credentials that count no more, though they have not expired. */
export const revocations = z.strictObject({ entries: z.array(revocation).max(10_000) })
