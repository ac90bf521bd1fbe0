import { z } from 'zod'
import { host } from './common.ts'
import { pathModifier } from './path-modifier.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

/** What backends get other than what was asked for (Gateway API, HTTPURLRewriteFilter). */
export const rewrite = ruled(
  z
    .strictObject({
      hostname: host('What Host says to the backend, which must be no url. Absent = its own name and port.').optional(),
      path: pathModifier(
        'The path that the backend gets; the query is always that of the request. Absent = that of the request.',
      ).optional(),
    })
    .describe(
      'What the backend gets in place of what was matched. Policies, quotas and logs see what was matched. Absent = nothing.',
    ),
  {
    rule: 'has(self.hostname) || has(self.path)',
    message: 'rewrite needs at least one of hostname and path',
    holds: (self) => present(self.hostname, self.path) > 0,
  },
)
