import { z } from 'zod'

/** Lower case; RFC 9110 5.1. */
const name = z
  .string()
  .max(256)
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/)
/** Visible ASCII; blanks only in between, so that nothing ends a line (RFC 9110 5.5). */
const value = z
  .string()
  .max(4096)
  .regex(/^[!-~]([ -~]*[!-~])?$/)
const fields = z.array(z.strictObject({ name, value })).max(16)

/** What becomes of a header section. A name stands in it once. */
export const headerChanges = z.strictObject({
  /** In place of all fields of these names. */
  set: fields,
  /** Beside what is there. */
  add: fields,
  remove: z.array(name).max(16),
})
export type HeaderChanges = z.infer<typeof headerChanges>
