import { z } from 'zod'
import { duration, headerName } from './common.ts'
import { set } from './lists.ts'
import { ruled } from './rule.ts'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const origin = `[a-z][a-z0-9+.-]*://((\\*\\.)?${label}(\\.${label})*|\\[[0-9a-f:.]+\\])(:[1-9][0-9]{0,4})?`

const allowedOrigin = ruled(
  z
    .string()
    .min(1)
    .max(300)
    .regex(new RegExp(`^(\\*|${origin})$`))
    .describe(
      'An origin as browsers send it, scheme://host or scheme://host:port in lower case; *. before the host stands for one label or more; "*" alone for every origin.',
    ),
  {
    rule: "!(self.startsWith('https://') && self.endsWith(':443')) && !(self.startsWith('http://') && self.endsWith(':80'))",
    message: 'browsers leave out the default port of http and https',
    holds: (self) =>
      !(self.startsWith('https://') && self.endsWith(':443')) && !(self.startsWith('http://') && self.endsWith(':80')),
  },
)

/** Cross-origin requests of browsers (the Fetch standard's CORS protocol). */
export const cors = ruled(
  z
    .strictObject({
      allowOrigins: set(
        allowedOrigin,
        { min: 1, max: 64 },
        'The origins whose pages may read answers. The origin "null" is never one of them.',
      ),
      allowMethods: set(
        z
          .string()
          .min(1)
          .max(32)
          .regex(/^(\*|[A-Z][A-Z-]*)$/)
          .describe('A method name in upper case, or "*" for any.'),
        { min: 1, max: 16 },
        'The methods that a page may use; "*" = any. Absent = those that need no leave: GET, HEAD and POST.',
      ).optional(),
      allowHeaders: set(
        headerName('The name of a header, in any case; "*" = any.'),
        { min: 1, max: 64 },
        'The headers that a page may send; "*" = any. Absent = those that need no leave.',
      ).optional(),
      exposeHeaders: set(
        headerName('The name of a header, in any case; "*" = all.'),
        { min: 1, max: 64 },
        'The headers of an answer that a page may read. Absent = those that need no leave.',
      ).optional(),
      allowCredentials: z
        .boolean()
        .default(false)
        .describe('Whether browsers send cookies and client certificates along.'),
      maxAge: duration('How long a browser may remember the answer to a preflight. 0s = not at all.').default('5s'),
    })
    .describe(
      'What pages of other origins may do. The gateway answers preflights itself and writes all Access-Control headers; those of the backend are removed. Absent = the backend sees preflights and answers them.',
    ),
  {
    rule: "!self.allowCredentials || (!('*' in self.allowOrigins) && (!has(self.exposeHeaders) || !('*' in self.exposeHeaders)))",
    message: 'with allowCredentials the origins and exposeHeaders must be written out, not "*"',
    holds: (self) =>
      !self.allowCredentials || (!self.allowOrigins.includes('*') && self.exposeHeaders?.includes('*') !== true),
  },
)
