import { z } from 'zod'

/** What becomes of a canonical path. The result is canonical again. */
export const pathChange = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ReplaceFullPath'), value: z.string().min(1).max(1024) }),
  /**
   * Only of a rule that has exactly one match, a PathPrefix: what is behind its elements follows `value`, whose trailing
   * slash does not count (Gateway API, HTTPPathModifier). Empty = what was matched is left out.
   */
  z.strictObject({ type: z.literal('ReplacePrefixMatch'), value: z.string().max(1024) }),
])
export type PathChange = z.infer<typeof pathChange>
