import { z } from 'zod'
import { milliseconds, name } from './common.ts'

const headerNames = z.array(name).max(64)

/** What pages of other origins may do (the Fetch standard's CORS protocol). */
export const cors = z.strictObject({
  /** `*`, or `scheme://host[:port]` in lower case, whose host may begin with `*.` for one label or more. */
  allowOrigins: z.array(z.string().min(1).max(300)).min(1).max(64),
  /** Upper case; null = any. */
  allowMethods: z.array(name).max(16).nullable(),
  /** Lower case; null = any. */
  allowHeaders: headerNames.nullable(),
  /** `*` alone = all. */
  exposeHeaders: headerNames,
  /** Never with `*` among the origins or the exposed headers. */
  allowCredentials: z.boolean(),
  maxAge: milliseconds,
})
export type Cors = z.infer<typeof cors>
