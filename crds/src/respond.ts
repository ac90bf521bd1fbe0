import { z } from 'zod'
import { ruled } from './rule.ts'

const withoutBody: readonly number[] = [204, 205]

/** An answer that the gateway gives itself. */
export const respond = ruled(
  z
    .strictObject({
      statusCode: z.int().min(200).max(599).describe('The status.'),
      contentType: z
        .string()
        .min(1)
        .max(128)
        .regex(/^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(; ?[A-Za-z0-9-]+=[A-Za-z0-9_.-]+)*$/)
        .optional()
        .describe('The media type of the body, such as application/json. With body.'),
      body: z.string().min(1).max(4096).optional().describe('The body, as UTF-8. With contentType.'),
    })
    .describe('What the gateway answers, once a policy permits the request. Not beside backends or a redirect.'),
  {
    rule: 'has(self.contentType) == has(self.body)',
    message: 'contentType and body need each other',
    holds: (self) => (self.contentType === undefined) === (self.body === undefined),
  },
  {
    rule: `!(self.statusCode in [${withoutBody.join(', ')}]) || !has(self.body)`,
    message: 'an answer with status 204 or 205 has no body',
    holds: (self) => !withoutBody.includes(self.statusCode) || self.body === undefined,
  },
  {
    rule: 'self.statusCode != 206 && (self.statusCode < 300 || self.statusCode > 399)',
    message: 'statusCode must not be 206 or 300 to 399; a redirect is written as redirect',
    holds: ({ statusCode }) => statusCode !== 206 && (statusCode < 300 || statusCode > 399),
  },
)
