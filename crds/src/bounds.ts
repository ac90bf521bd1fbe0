import { z } from 'zod'
import { hostname, namespaceName } from './common.ts'
import { atomic, set } from './lists.ts'
import { ruled } from './rule.ts'

const exemption = z
  .strictObject({
    namespaces: set(namespaceName('The name of a namespace.'), { min: 1, max: 64 }, 'The namespaces of the routes.'),
    hostnames: set(
      hostname('An exact host name, or *. and a suffix for every name below it.'),
      { min: 1, max: 64 },
      'The host names. A route is exempt if each host name that it is served on is one of these.',
    ),
  })
  .describe('Routes for which anonymous: Forbid does not hold.')

/** What policies of narrower levels may do; those of all levels apply. */
export const bounds = ruled(
  z
    .strictObject({
      providers: z
        .enum(['Own', 'Any'])
        .describe(
          'Own: narrower policies choose from the providers in force at this level, by use. Any: they may define others.',
        ),
      anonymous: z
        .enum(['Forbid', 'Allow'])
        .describe('Whether narrower policies may let requests without a credential pass as an anonymous caller.'),
      exemptions: atomic(
        exemption,
        { min: 1, max: 16 },
        'Routes for which anonymous: Forbid does not hold; each needs its namespace and its host names in one entry or several. Absent = none.',
      ).optional(),
    })
    .describe(
      'What policies of narrower levels may set; one that sets more is overridden as a whole. Absent = providers: Own and anonymous: Forbid for a policy that sets use or anyOf in the namespace of the Gatehouse, providers: Any and anonymous: Allow for others.',
    ),
  {
    rule: "!has(self.exemptions) || self.anonymous == 'Forbid'",
    message: 'exemptions have no effect with anonymous: Allow; remove them',
    holds: (self) => self.exemptions === undefined || self.anonymous === 'Forbid',
  },
)
