import { z } from 'zod'
import { apiKey } from './api-key.ts'
import { bounds } from './bounds.ts'
import { entryName, text } from './common.ts'
import { failureThrottle } from './failure-throttle.ts'
import { introspection } from './introspection.ts'
import { jwt } from './jwt.ts'
import { listMap, set } from './lists.ts'
import { mustPass, narrowest } from './merge.ts'
import { mtls } from './mtls.ts'
import { present } from './present.ts'
import { revocations } from './revocations.ts'
import { ruled } from './rule.ts'

const assertable = (description: string) =>
  set(text(256, 'An exact value, or * for any.'), { min: 0, max: 256 }, description).optional()

const provider = ruled(
  z
    .strictObject({
      name: entryName('The name that rules and records use.'),
      asserts: z
        .strictObject({
          tenants: assertable('The tenants that it may name. Absent = none.'),
          roles: assertable('The roles that it may give. Absent = none.'),
          groups: assertable('The groups that it may name. Absent = none.'),
          plans: assertable('The plans that it may name. Absent = none.'),
        })
        .optional()
        .describe('The most that this provider may claim; what it claims beyond is dropped. Absent = nothing.'),
      jwt: jwt.optional(),
      apiKey: apiKey.optional(),
      introspection: introspection.optional(),
      mtls: mtls.optional(),
      anonymous: z.strictObject({}).optional().describe('Requests without a credential pass as an anonymous caller.'),
    })
    .describe('A way to prove an identity: exactly one of jwt, apiKey, introspection, mtls and anonymous.'),
  {
    rule: '[has(self.jwt), has(self.apiKey), has(self.introspection), has(self.mtls), has(self.anonymous)].filter(x, x).size() == 1',
    message: 'exactly one of jwt, apiKey, introspection, mtls and anonymous is required',
    holds: (self) => present(self.jwt, self.apiKey, self.introspection, self.mtls, self.anonymous) === 1,
  },
  {
    rule: '!(has(self.anonymous) || has(self.mtls)) || !has(self.asserts)',
    message: 'asserts has no effect with anonymous and mtls; remove it',
    holds: (self) => (self.anonymous === undefined && self.mtls === undefined) || self.asserts === undefined,
  },
)

export const authentication = ruled(
  z
    .strictObject({
      bounds: mustPass(bounds).optional(),
      use: narrowest(
        set(
          entryName('The name of a provider.'),
          { min: 1, max: 16 },
          'Providers of wider policies that are accepted here, each of the nearest wider level that has one of this name. Absent = none.',
        ),
      ).optional(),
      anyOf: narrowest(
        listMap(
          provider,
          ['name'],
          { min: 1, max: 16 },
          'The accepted ways to prove an identity, beside those in use. Each credential is judged by the one that claims it. Absent = none.',
        ),
      ).optional(),
      failureThrottle: mustPass(failureThrottle).optional(),
      revocations: revocations.optional(),
    })
    .describe('Who may call. Absent = this policy does not say.'),
  {
    rule: 'has(self.bounds) || has(self.use) || has(self.anyOf) || has(self.failureThrottle) || has(self.revocations)',
    message: 'authentication needs at least one of bounds, use, anyOf, failureThrottle and revocations',
    holds: (self) => present(self.bounds, self.use, self.anyOf, self.failureThrottle, self.revocations) > 0,
  },
)
