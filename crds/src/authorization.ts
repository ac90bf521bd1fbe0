import { z } from 'zod'
import { claimPath } from './claim-path.ts'
import { entryName, pathMatch, text } from './common.ts'
import { atomic, listMap, set } from './lists.ts'
import { byAction } from './merge.ts'
import { mode } from './mode.ts'
import { ruled } from './rule.ts'

const values = (description: string) => set(text(256, 'A value.'), { min: 1, max: 64 }, description).optional()

const withoutValues = ['Authenticated', 'Anyone']
const singular = ['Tenant', 'Provider']

const condition = ruled(
  z
    .strictObject({
      attribute: z
        .enum(['Role', 'Scope', 'Tenant', 'Provider', 'Claim', 'Authenticated', 'Anyone'])
        .describe(
          'What of the caller is looked at. Provider is the name of the provider that verified it. Authenticated is any verified caller. Anyone is every caller.',
        ),
      path: claimPath('Which claim, with attribute Claim.').optional(),
      anyOf: values('At least one of these must be there.'),
      allOf: values('All of these must be there.'),
    })
    .describe('A condition on the caller.'),
  {
    rule: "(self.attribute == 'Claim') == has(self.path)",
    message: 'path is required with attribute Claim, and only then',
    holds: (self) => (self.attribute === 'Claim') === (self.path !== undefined),
  },
  {
    rule: "self.attribute in ['Authenticated', 'Anyone'] ? !has(self.anyOf) && !has(self.allOf) : has(self.anyOf) != has(self.allOf)",
    message: 'exactly one of anyOf and allOf is required, but neither with Authenticated and Anyone',
    holds: (self) =>
      withoutValues.includes(self.attribute)
        ? self.anyOf === undefined && self.allOf === undefined
        : (self.anyOf === undefined) !== (self.allOf === undefined),
  },
  {
    rule: "!(self.attribute in ['Tenant', 'Provider']) || !has(self.allOf)",
    message: 'a caller has one tenant and one provider; use anyOf',
    holds: (self) => !singular.includes(self.attribute) || self.allOf === undefined,
  },
)

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
      principal: atomic(
        condition,
        { min: 1, max: 8 },
        'Conditions on the caller that must all hold. Required for Allow and Require; absent = every caller.',
      ).optional(),
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
