import { z } from 'zod'
import { backendRef } from './backend-ref.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { entryName } from './common.ts'
import { requestHeaders, responseHeaders } from './header-changes.ts'
import { healthCheck } from './health-check.ts'
import { atomic } from './lists.ts'
import { loadBalancing } from './load-balancing.ts'
import { mirror } from './mirror.ts'
import { present } from './present.ts'
import { redirect } from './redirect.ts'
import { respond } from './respond.ts'
import { retry } from './retry.ts'
import { rewrite } from './rewrite.ts'
import { routeMatch } from './route-match.ts'
import { ruled } from './rule.ts'
import { timeouts } from './timeouts.ts'
import { upgrades } from './upgrades.ts'

const replacesPrefix = (of: string): string =>
  `has(self.${of}) && has(self.${of}.path) && has(self.${of}.path.replacePrefixMatch)`

/** What says how backends are asked. */
const ofBackends = [
  'rewrite',
  'requestHeaders',
  'mirrors',
  'retry',
  'circuitBreaker',
  'loadBalancing',
  'healthCheck',
  'upgrades',
] as const

/** One rule of a route. */
export const routeRule = ruled(
  z
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
        'Where requests go. One whose share falls on a Service that does not exist is answered 500. A rule has either these, a redirect or an answer.',
      ).optional(),
      redirect: redirect.optional(),
      respond: respond.optional(),
      rewrite: rewrite.optional(),
      requestHeaders: requestHeaders.optional(),
      responseHeaders: responseHeaders.optional(),
      mirrors: atomic(
        mirror,
        { min: 1, max: 8 },
        'Backends that get copies of requests beside. Absent = none.',
      ).optional(),
      timeouts,
      retry: retry.optional(),
      circuitBreaker: circuitBreaker.optional(),
      loadBalancing: loadBalancing.optional(),
      healthCheck: healthCheck.optional(),
      upgrades: upgrades.optional(),
    })
    .describe('Which requests go where, or how they are answered.'),
  {
    rule: '[has(self.backendRefs), has(self.redirect), has(self.respond)].filter(x, x).size() == 1',
    message: 'exactly one of backendRefs, redirect and respond is required',
    holds: (self) => present(self.backendRefs, self.redirect, self.respond) === 1,
  },
  {
    rule: `has(self.backendRefs) || (${ofBackends.map((key) => `!has(self.${key})`).join(' && ')})`,
    message: `${ofBackends.slice(0, -1).join(', ')} and ${ofBackends.at(-1)} have no effect without backendRefs; remove them`,
    holds: (self) => self.backendRefs !== undefined || ofBackends.every((key) => self[key] === undefined),
  },
  {
    rule: '!has(self.rewrite) || !has(self.rewrite.hostname) || !has(self.backendRefs) || self.backendRefs.all(x, !has(x.url))',
    message: 'rewrite.hostname is for Services: a url is called by the name that outbound.allowedHosts allows',
    holds: ({ rewrite: rewritten, backendRefs }) =>
      rewritten?.hostname === undefined || (backendRefs ?? []).every(({ url }) => url === undefined),
  },
  {
    rule: "!has(self.upgrades) || !has(self.backendRefs) || self.backendRefs.all(x, x.protocol == 'HTTP1')",
    message: 'upgrades need backends of protocol HTTP1',
    holds: (self) =>
      self.upgrades === undefined || (self.backendRefs ?? []).every(({ protocol }) => protocol === 'HTTP1'),
  },
  {
    rule: `!((${replacesPrefix('rewrite')}) || (${replacesPrefix('redirect')})) || (has(self.matches) && self.matches.size() == 1 && self.matches.all(one, has(one.path) && one.path.type == 'PathPrefix'))`,
    message: 'ReplacePrefixMatch needs a rule with exactly one match, by PathPrefix',
    holds: ({ rewrite: rewritten, redirect: redirected, matches }) =>
      present(rewritten?.path?.replacePrefixMatch, redirected?.path?.replacePrefixMatch) === 0 ||
      (matches?.length === 1 && matches[0]?.path?.type === 'PathPrefix'),
  },
)
