import { z } from 'zod'
import { authentication, claimPath } from './authentication.ts'
import { authorization } from './authorization.ts'
import { entryName, group, objectName, positiveDuration } from './common.ts'
import { identityHeaderName } from './identity-header.ts'
import { atomic, listMap } from './lists.ts'
import { ruled } from './rule.ts'

const targetRef = z
  .strictObject({
    group: z.enum([group]).describe('The API group: gatehouse.dev.'),
    kind: z.enum(['GatewayRoute']).describe('The kind: GatewayRoute.'),
    name: objectName('The name of a GatewayRoute of the same namespace.'),
    sectionName: entryName('The name of one rule of the route. Absent = all of the route.').optional(),
  })
  .describe('What the policy applies to.')

type TargetRef = z.output<typeof targetRef>
const sameTarget = (a: TargetRef, b: TargetRef): boolean => a.name === b.name && a.sectionName === b.sectionName

const targetRefs = ruled(atomic(targetRef, { min: 1, max: 16 }, 'What the policy applies to.'), {
  rule: 'self.all(a, self.exists_one(b, a.name == b.name && (has(a.sectionName) ? has(b.sectionName) && a.sectionName == b.sectionName : !has(b.sectionName))))',
  message: 'targetRefs must differ in name or sectionName',
  holds: (self) => self.every((a) => self.filter((b) => sameTarget(a, b)).length === 1),
})

const quota = z
  .strictObject({
    name: entryName('The name that records use.'),
    keys: listMap(
      z
        .strictObject({
          type: z
            .enum(['IP', 'Principal', 'APIKey', 'Tenant', 'Route'])
            .describe('IP is the address of the client, IPv6 by /64. Route splits the count by route.'),
        })
        .describe('A part of the key that requests are counted by.'),
      ['type'],
      { min: 1, max: 5 },
      'What requests are counted by. Requests that lack a part share one count.',
    ),
    algorithm: z
      .enum(['TokenBucket'])
      .describe('TokenBucket: each rate is a bucket of burst tokens, refilled evenly by limit in each window.'),
    rates: atomic(
      z
        .strictObject({
          limit: z.int().min(1).max(1000000000).describe('The requests that each window permits.'),
          window: positiveDuration('The time in which limit tokens come back.'),
          burst: z
            .int()
            .min(1)
            .max(1000000000)
            .optional()
            .describe('The tokens that the bucket holds. Default: limit.'),
        })
        .describe('A rate.'),
      { min: 1, max: 4 },
      'The rates; a request needs a token of each.',
    ),
    scope: z.enum(['Replica']).describe('Who counts together. Replica: each data plane counts for itself.'),
  })
  .describe('A limit on how often callers may call.')

const identityHeader = ruled(
  z
    .strictObject({
      name: identityHeaderName.describe('The name of the header: one of identityHeaders of the Gatehouse.'),
      from: z
        .enum(['Subject', 'Issuer', 'Roles', 'Scopes', 'Tenant', 'Provider', 'Claim'])
        .describe('What of the caller is written.'),
      path: claimPath('Which claim, with from: Claim.').optional(),
    })
    .describe('A header that tells the backend who calls.'),
  {
    rule: "(self.from == 'Claim') == has(self.path)",
    message: 'path is required with from: Claim, and only then',
    holds: (self) => (self.from === 'Claim') === (self.path !== undefined),
  },
)

export const accessPolicySpec = ruled(
  z
    .strictObject({
      targetRefs,
      authentication: authentication.optional(),
      authorization: authorization.optional(),
      quotas: listMap(
        quota,
        ['name'],
        { min: 1, max: 16 },
        'Limits on how often callers may call; all must pass. Absent = no limit.',
      ).optional(),
      forward: z
        .strictObject({
          identityHeaders: listMap(
            identityHeader,
            ['name'],
            { min: 1, max: 16 },
            'Headers that tell the backend who calls.',
          ),
        })
        .optional()
        .describe('What the backend is told. Absent = nothing.'),
    })
    .describe('Who may do what, and how much.'),
  {
    rule: 'has(self.authentication) || has(self.authorization) || has(self.quotas) || has(self.forward)',
    message: 'a policy needs at least one of authentication, authorization, quotas and forward',
    holds: (self) =>
      self.authentication !== undefined ||
      self.authorization !== undefined ||
      self.quotas !== undefined ||
      self.forward !== undefined,
  },
)

export type AccessPolicySpec = z.output<typeof accessPolicySpec>
export type AccessPolicySpecInput = z.input<typeof accessPolicySpec>
