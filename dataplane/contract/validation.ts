import { z } from 'zod'
import { name, text } from './common.ts'

/** A JSON text: a schema of the language package. */
const schema = z.string().min(1).max(65_536)

/** Where a redirect parameter may lead beside paths of the gateway itself. */
const destination = z.strictObject({
  /** `scheme://host[:port]` in lower case, without a default port. */
  origin: z.string().min(1).max(300),
  /** Canonical; compared by whole elements. */
  pathPrefix: z.string().min(1).max(1024),
})

/** What the form of a request must be. It only ever refuses. */
export const validation = z.strictObject({
  /** Bytes; null = no bound of its own. */
  maxBodySize: z.int().min(0).nullable(),
  /** Lower-case `type/subtype` of bodies; null = any. */
  contentTypes: z.array(z.string().min(1).max(128)).min(1).max(16).nullable(),
  headers: z
    .strictObject({
      /** Lower case. */
      required: z.array(name).max(32),
      schema: schema.nullable(),
    })
    .nullable(),
  queryParams: z.strictObject({ onUnknown: z.enum(['Reject', 'Ignore']), schema }).nullable(),
  pathParams: z.strictObject({ schema }).nullable(),
  body: z.strictObject({ schema, maxDepth: z.int().min(1).max(64) }).nullable(),
  redirectParams: z
    .strictObject({ names: z.array(text.min(1)).min(1).max(16), allow: z.array(destination).max(16) })
    .nullable(),
  /** True when a part of it is missing or wrong: then it refuses all that its policy covers (M7). */
  broken: z.boolean(),
})
export type Validation = z.infer<typeof validation>
