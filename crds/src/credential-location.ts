import { z } from 'zod'
import { headerName } from './common.ts'
import { atomic, set } from './lists.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

const origin = z
  .string()
  .min(8)
  .max(270)
  .regex(/^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/)
  .describe('An origin as browsers write it: scheme, host, and the port where it is not the default of the scheme.')

const location = ruled(
  z
    .strictObject({
      header: headerName('The name of a header; case does not matter.').optional(),
      prefix: z
        .string()
        .max(64)
        .regex(/^[ -~]*$/)
        .optional()
        .describe(
          'What precedes the credential in the header, such as "Bearer "; compared without case. Absent = nothing.',
        ),
      cookie: z
        .string()
        .min(1)
        .max(128)
        .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)
        .optional()
        .describe(
          'The name of a cookie. Browsers send it by themselves, so that with a method other than GET, HEAD and OPTIONS the Origin of the request must be its own or one of allowedOrigins; otherwise it is refused.',
        ),
      allowedOrigins: set(
        origin,
        { min: 1, max: 16 },
        'Origins, beside that of the request itself, whose pages may use the cookie with any method. Absent = none.',
      ).optional(),
      query: z
        .string()
        .min(1)
        .max(128)
        .regex(/^[A-Za-z0-9._~-]+$/)
        .optional()
        .describe(
          'The name of a query parameter. For callers that can send nothing else: what is in a URL ends up in histories and in logs of others (RFC 9700 4.3.2).',
        ),
    })
    .describe('A place in the request: exactly one of header, cookie and query.'),
  {
    rule: '[has(self.header), has(self.cookie), has(self.query)].filter(x, x).size() == 1',
    message: 'exactly one of header, cookie and query is required',
    holds: (self) => present(self.header, self.cookie, self.query) === 1,
  },
  {
    rule: "!has(self.header) || !self.header.matches('^[Cc][Oo][Oo][Kk][Ii][Ee]$')",
    message: 'a cookie is written as cookie, with its name',
    holds: (self) => self.header?.toLowerCase() !== 'cookie',
  },
  {
    rule: '!has(self.prefix) || has(self.header)',
    message: 'prefix has no effect without header; remove it',
    holds: (self) => self.prefix === undefined || self.header !== undefined,
  },
  {
    rule: '!has(self.allowedOrigins) || has(self.cookie)',
    message: 'allowedOrigins has no effect without cookie; remove it',
    holds: (self) => self.allowedOrigins === undefined || self.cookie !== undefined,
  },
)

export const credentialLocations = (description: string) => atomic(location, { min: 1, max: 8 }, description)
