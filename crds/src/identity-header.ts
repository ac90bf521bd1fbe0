import { z } from 'zod'
import { ruled } from './rule.ts'

const taken = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'expect',
  'authorization',
  'cookie',
  'forwarded',
  'x-real-ip',
  'x-request-id',
  'x-gatehouse-token',
  'traceparent',
  'tracestate',
  'content-type',
  'content-encoding',
  'range',
  'via',
  'accept',
  'origin',
]
const takenPrefixes = ['proxy-', 'x-forwarded-', 'sec-', 'access-control-', 'if-']

/** The name of a header that carries an identity to the backend: lower case, letters, digits and hyphens. */
export const identityHeaderName = ruled(
  z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .describe('A header name in lower case: letters, digits and single hyphens.'),
  {
    rule: `!(self in [${taken.map((name) => `'${name}'`).join(', ')}]) && ${takenPrefixes.map((prefix) => `!self.startsWith('${prefix}')`).join(' && ')}`,
    message: 'this header has a meaning of its own and cannot carry an identity',
    holds: (self) => !taken.includes(self) && !takenPrefixes.some((prefix) => self.startsWith(prefix)),
  },
)
