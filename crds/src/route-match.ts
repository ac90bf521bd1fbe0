import { z } from 'zod'
import { headerName, method, text } from './common.ts'
import { listMap, set } from './lists.ts'
import { routePathMatch } from './path-match.ts'
import { ruled } from './rule.ts'

/** Conditions on a request that must all hold for a rule to be for it. */
export const routeMatch = ruled(
  z
    .strictObject({
      path: routePathMatch.optional().describe('The path that a request must have. Absent = any path.'),
      methods: set(
        method,
        { min: 1, max: 16 },
        'The methods that match; GET covers HEAD. Absent = any method.',
      ).optional(),
      headers: listMap(
        z
          .strictObject({
            name: headerName('The name of the header; case does not matter.'),
            type: z.enum(['Exact']).default('Exact').describe('How the value is compared; only Exact.'),
            value: text(4096, 'The value that the header must have.'),
          })
          .describe('A header that a request must have.'),
        ['name'],
        { min: 1, max: 16 },
        'Headers that must all be there with exactly these values. Absent = any headers.',
      ).optional(),
    })
    .describe('Conditions that must all hold.'),
  {
    rule: 'has(self.path) || has(self.methods) || has(self.headers)',
    message: 'a match needs at least one of path, methods and headers',
    holds: (self) => self.path !== undefined || self.methods !== undefined || self.headers !== undefined,
  },
)
