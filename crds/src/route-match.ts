import { z } from 'zod'
import { headerName, method, text } from './common.ts'
import { listMap, set } from './lists.ts'
import { routePathMatch } from './path-match.ts'
import { ruled } from './rule.ts'

const comparison = z
  .enum(['Exact', 'RegularExpression'])
  .default('Exact')
  .describe(
    'Exact compares the whole value. RegularExpression has to match the whole value, in the syntax of RE2, of at most 1,024 characters.',
  )

const headers = listMap(
  z
    .strictObject({
      name: headerName('The name of the header; case does not matter.'),
      type: comparison,
      value: text(4096, 'The value that the header must have, or the expression.'),
    })
    .describe('A header that a request must have.'),
  ['name'],
  { min: 1, max: 16 },
  'Headers that must all be there and fit; repeated lines are one value, joined by ", ". A request in which a backend could read one of them otherwise is refused. Absent = any headers.',
)

const queryParams = listMap(
  z
    .strictObject({
      name: headerName('The name of the parameter; case matters.'),
      type: comparison,
      value: text(4096, 'The value that the parameter must have when it is decoded, or the expression.'),
    })
    .describe('A parameter that the query must have.'),
  ['name'],
  { min: 1, max: 16 },
  'Parameters of the query that must all be there and fit. A request in which a backend could read one of them otherwise, such as one that repeats it, is refused. Absent = any query.',
)

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
      headers: headers.optional(),
      queryParams: queryParams.optional(),
    })
    .describe('Conditions that must all hold.'),
  {
    rule: 'has(self.path) || has(self.methods) || has(self.headers) || has(self.queryParams)',
    message: 'a match needs at least one of path, methods, headers and queryParams',
    holds: ({ path, methods, headers: some, queryParams: other }) =>
      [path, methods, some, other].some((condition) => condition !== undefined),
  },
)
