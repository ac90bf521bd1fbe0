import { z } from 'zod'
import { backendRef } from './backend-ref.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { entryName } from './common.ts'
import { atomic } from './lists.ts'
import { loadBalancing } from './load-balancing.ts'
import { retry } from './retry.ts'
import { routeMatch } from './route-match.ts'
import { timeouts } from './timeouts.ts'

/** One rule of a route. */
export const routeRule = z
  .strictObject({
    name: entryName('The name of the rule: what the sectionName of a policy means.'),
    matches: atomic(
      routeMatch,
      { min: 1, max: 8 },
      'The requests that this rule is for: those that one of these matches. Absent = every request.',
    ).optional(),
    // Not unique, as in the HTTPRoute: the same Service twice has both weights.
    backendRefs: atomic(
      backendRef,
      { min: 1, max: 16 },
      'Where requests go. One whose share falls on a Service that does not exist is answered 500.',
    ),
    timeouts,
    retry: retry.optional(),
    circuitBreaker: circuitBreaker.optional(),
    loadBalancing: loadBalancing.optional(),
  })
  .describe('Which requests go where.')
