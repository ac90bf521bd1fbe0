import { z } from 'zod'
import { port } from './common.ts'
import { headerChanges } from './headerChanges.ts'
import { pathChange } from './pathChange.ts'
import { timeouts } from './timeouts.ts'

/** What happens to the answer and to the body that comes with the request, of which nobody is told. */
const answered = {
  responseHeaders: headerChanges.nullable(),
  /** How long a body that a policy looks at may take. */
  timeouts,
}

/** A redirect that the gateway answers with. Its Location has the request's query. */
export const redirect = z.strictObject({
  type: z.literal('Redirect'),
  statusCode: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]),
  /** null = the origin that the client asks, as the client sees it. */
  origin: z
    .strictObject({
      scheme: z.enum(['http', 'https']),
      /** Lower case; null = the host of the request. */
      hostname: z.string().min(1).max(253).nullable(),
      /** null = that of the scheme. */
      port: port.nullable(),
    })
    .nullable(),
  /** null = the path of the request. */
  path: pathChange.nullable(),
  ...answered,
})

/** A fixed answer of the gateway. */
export const respond = z.strictObject({
  type: z.literal('Respond'),
  statusCode: z.int().min(200).max(599),
  /** null = no content. */
  content: z
    .strictObject({
      type: z
        .string()
        .max(128)
        .regex(/^[!-~]([ -~]*[!-~])?$/),
      body: z.string().max(4096),
    })
    .nullable(),
  ...answered,
})
