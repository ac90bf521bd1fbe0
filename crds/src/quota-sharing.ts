import { z } from 'zod'
import { ruled } from './rule.ts'

/** How exactly data planes count together. */
export const quotaPrecision = ruled(
  z
    .strictObject({
      type: z
        .enum(['Exact', 'Leased'])
        .describe(
          'Exact: every request asks the store. Leased: each data plane takes a share of the limit at once and gives it out without asking.',
        ),
      sharePercent: z
        .int()
        .min(1)
        .max(50)
        .optional()
        .describe('How much of a limit is taken at once, in percent. What a window leaves of it is lost.'),
    })
    .describe('How exactly data planes count together. Absent = Exact.'),
  {
    rule: "(self.type == 'Leased') == has(self.sharePercent)",
    message: 'sharePercent is required with type: Leased, and only then',
    holds: (self) => (self.type === 'Leased') === (self.sharePercent !== undefined),
  },
)

/** What becomes of requests without the store. */
export const onStoreFailure = z
  .enum(['Allow', 'Deny', 'LocalFallback'])
  .describe(
    'What becomes of requests while the store does not answer. Allow: they are not counted. Deny: they are answered 503. LocalFallback: each data plane counts its share of the limit by itself. Required with scope: Shared.',
  )
