import { z } from 'zod'
import { host, port } from './common.ts'
import { pathModifier } from './path-modifier.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

const statusCodes: readonly number[] = [301, 302, 303, 307, 308]

/** A redirect that the gateway answers with (Gateway API, HTTPRequestRedirectFilter). */
export const redirect = ruled(
  z
    .strictObject({
      scheme: z
        .enum(['http', 'https'])
        .optional()
        .describe('The scheme of the location. Absent = scheme, host and port are those that the client asks.'),
      hostname: host('The host of the location. Absent = that of the request.').optional(),
      port: port(
        'The port of the location; 80 with http and 443 with https are not written. Absent = that of the scheme.',
      ).optional(),
      path: pathModifier(
        'The path of the location; the query is always that of the request. Absent = that of the request.',
      ).optional(),
      statusCode: z
        .int()
        .min(301)
        .max(308)
        .default(302)
        .describe('The status: 301, 302 or 303, or 307 or 308, with which method and body stay as they are.'),
    })
    .describe(
      'Where the gateway sends the client, once a policy permits the request. Not beside backends or an answer.',
    ),
  {
    rule: 'has(self.scheme) || has(self.path)',
    message: 'a redirect needs scheme or path; without both it leads to itself',
    holds: (self) => present(self.scheme, self.path) > 0,
  },
  {
    rule: 'has(self.scheme) || (!has(self.hostname) && !has(self.port))',
    message: 'hostname and port need a scheme, since the port that a listener has is not the one that clients see',
    holds: (self) => self.scheme !== undefined || present(self.hostname, self.port) === 0,
  },
  {
    rule: `self.statusCode in [${statusCodes.join(', ')}]`,
    message: 'statusCode must be 301, 302, 303, 307 or 308',
    holds: (self) => statusCodes.includes(self.statusCode),
  },
)
