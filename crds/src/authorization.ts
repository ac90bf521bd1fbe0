import { z } from 'zod'
import { cidr, entryName, text } from './common.ts'
import { atomic, listMap, set } from './lists.ts'
import { byAction } from './merge.ts'
import { mode } from './mode.ts'
import { pathMatch } from './path-match.ts'
import { principalConditions } from './principal-condition.ts'
import { ruled } from './rule.ts'

const ruleMethods = ruled(
  set(
    z
      .string()
      .min(1)
      .max(32)
      .regex(/^(\*|[A-Z][A-Z-]*)$/)
      .describe('A method name in upper case, or * for any.'),
    { min: 1, max: 16 },
    'The methods that the rule is for; GET covers HEAD, ["*"] is any. Required for Allow; absent = any.',
  ),
  {
    rule: "!('*' in self) || size(self) == 1",
    message: '"*" stands alone',
    holds: (self) => !self.includes('*') || self.length === 1,
  },
)

const expression = text(
  2048,
  'A condition in CEL that must hold too. It may ask about request, principal and connection; the guide on authorization lists what they hold, the functions and the bounds. Absent = no condition.',
)

const unless = ruled(
  z
    .strictObject({
      sourceCIDRs: set(
        cidr,
        { min: 1, max: 64 },
        'The address of the client must lie in one of these. An IPv4 address written as IPv6 is the IPv4 address. Absent = any address.',
      ).optional(),
      principal: principalConditions('Conditions on the caller that must all hold. Absent = any caller.').optional(),
      expression: expression.optional(),
    })
    .describe(
      'Takes requests out of a Deny: those for which all that is written here holds. What cannot be known does not hold. Only with Deny. Absent = nothing is taken out.',
    ),
  {
    rule: 'has(self.sourceCIDRs) || has(self.principal) || has(self.expression)',
    message: 'unless needs at least one of sourceCIDRs, principal and expression',
    holds: (self) => self.sourceCIDRs !== undefined || self.principal !== undefined || self.expression !== undefined,
  },
)

const rule = ruled(
  z
    .strictObject({
      name: entryName('The name that records use.'),
      action: z
        .enum(['Deny', 'Require', 'Allow'])
        .describe(
          'Deny refuses where principal holds. Require refuses where principal does not hold. Allow permits where principal holds, once no Deny and no Require refuses.',
        ),
      methods: ruleMethods.optional(),
      paths: atomic(
        pathMatch,
        { min: 1, max: 16 },
        'The paths that the rule is for: those that one of these matches. Absent = any path.',
      ).optional(),
      principal: principalConditions(
        'Conditions on the caller that must all hold. Required for Allow and Require; absent = every caller.',
      ).optional(),
      expression: expression.optional(),
      unless: unless.optional(),
      mode: mode(
        'Only in Deny and Require. Shadow: the rule refuses nothing, and what it would have refused is recorded. Absent = Enforce.',
      ).optional(),
    })
    .describe('A rule over requests and callers.'),
  {
    rule: "self.action != 'Allow' || has(self.methods)",
    message: 'Allow needs methods; ["*"] is any',
    holds: (self) => self.action !== 'Allow' || self.methods !== undefined,
  },
  {
    rule: "self.action == 'Deny' || has(self.principal)",
    message: 'Allow and Require need principal; attribute Anyone is every caller',
    holds: (self) => self.action === 'Deny' || self.principal !== undefined,
  },
  {
    rule: "self.action == 'Deny' || !has(self.unless)",
    message: 'unless is for Deny only',
    holds: (self) => self.action === 'Deny' || self.unless === undefined,
  },
  {
    rule: "self.action != 'Allow' || !has(self.mode)",
    message: 'Allow has no mode; the mode of its policy is what tries it',
    holds: (self) => self.action !== 'Allow' || self.mode === undefined,
  },
)

export const authorization = z
  .strictObject({
    rules: byAction(
      listMap(
        rule,
        ['name'],
        { min: 1, max: 64 },
        'All Deny and all Require rules are applied, then the first Allow that matches. What no Allow matches is refused.',
      ),
    ),
  })
  .describe('What callers may do. Absent = this policy does not say.')
