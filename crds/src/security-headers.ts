import { z } from 'zod'
import { listMap } from './lists.ts'
import { ruled } from './rule.ts'

/** What a policy may add to answers. Nothing that frames an answer, sets a cookie or gives other origins leave. */
const names = [
  'cache-control',
  'clear-site-data',
  'content-security-policy',
  'content-security-policy-report-only',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'permissions-policy',
  'referrer-policy',
  'reporting-endpoints',
  'strict-transport-security',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-robots-tag',
] as const

const header = z
  .strictObject({
    name: z.enum(names).describe('The name of the header.'),
    value: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[!-~]([ -~]*[!-~])?$/)
      .describe('The value: printable ASCII without a space at either end.'),
  })
  .describe('A header of every answer.')

/** Headers that make browsers stricter with what an answer holds. */
export const securityHeaders = ruled(
  z
    .strictObject({
      mode: z
        .enum(['Default', 'Off', 'Custom'])
        .describe(
          "Default adds Strict-Transport-Security: max-age=31536000 (over https), X-Content-Type-Options: nosniff, X-Frame-Options: DENY, Content-Security-Policy: frame-ancestors 'none' and Referrer-Policy: no-referrer. Custom adds headers. Off adds nothing.",
        ),
      headers: listMap(header, ['name'], { min: 1, max: 16 }, 'The headers of mode Custom.').optional(),
    })
    .describe(
      "Headers that are added to every answer that does not have them; what a backend says itself stays. Those of all levels are added, and of a header that several name the widest level's. Absent = Off.",
    ),
  {
    rule: "(self.mode == 'Custom') == has(self.headers)",
    message: 'headers is required with mode Custom, and only then',
    holds: (self) => (self.mode === 'Custom') === (self.headers !== undefined),
  },
)
