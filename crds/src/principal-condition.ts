import { z } from 'zod'
import { claimPath } from './claim-path.ts'
import { text } from './common.ts'
import { atomic, set } from './lists.ts'
import { ruled } from './rule.ts'
import { subjectAltNames } from './subject-alt-name.ts'

const values = (description: string) => set(text(256, 'A value.'), { min: 1, max: 64 }, description).optional()

const withoutValues = ['Authenticated', 'Anyone', 'TrustLevel', 'ClientCertificate']
const singular = ['Tenant', 'Plan', 'Provider']

const condition = ruled(
  z
    .strictObject({
      attribute: z
        .enum([
          'Role',
          'Scope',
          'Group',
          'Tenant',
          'Plan',
          'Provider',
          'Claim',
          'TrustLevel',
          'ClientCertificate',
          'Authenticated',
          'Anyone',
        ])
        .describe(
          'What of the caller is looked at. Provider is the name of the provider that verified it. TrustLevel is how far its authentication is trusted. ClientCertificate is the verified certificate of the connection, whatever provider verified the caller. Authenticated is any verified caller. Anyone is every caller.',
        ),
      path: claimPath('Which claim, with attribute Claim.').optional(),
      anyOf: values('At least one of these must be there.'),
      allOf: values('All of these must be there.'),
      min: z
        .int()
        .min(0)
        .max(1000)
        .describe(
          'The lowest trust level that will do, with attribute TrustLevel. A caller whom only this keeps out is asked to authenticate better (RFC 9470).',
        )
        .optional(),
      subjectAltNames: subjectAltNames(
        'The certificate must have at least one of these names, with attribute ClientCertificate.',
      ).optional(),
    })
    .describe('A condition on the caller.'),
  {
    rule: "(self.attribute == 'Claim') == has(self.path)",
    message: 'path is required with attribute Claim, and only then',
    holds: (self) => (self.attribute === 'Claim') === (self.path !== undefined),
  },
  {
    rule: "(self.attribute == 'TrustLevel') == has(self.min)",
    message: 'min is required with attribute TrustLevel, and only then',
    holds: (self) => (self.attribute === 'TrustLevel') === (self.min !== undefined),
  },
  {
    rule: "(self.attribute == 'ClientCertificate') == has(self.subjectAltNames)",
    message: 'subjectAltNames is required with attribute ClientCertificate, and only then',
    holds: (self) => (self.attribute === 'ClientCertificate') === (self.subjectAltNames !== undefined),
  },
  {
    rule: "self.attribute in ['Authenticated', 'Anyone', 'TrustLevel', 'ClientCertificate'] ? !has(self.anyOf) && !has(self.allOf) : has(self.anyOf) != has(self.allOf)",
    message:
      'exactly one of anyOf and allOf is required, but neither with Authenticated, Anyone, TrustLevel and ClientCertificate',
    holds: (self) =>
      withoutValues.includes(self.attribute)
        ? self.anyOf === undefined && self.allOf === undefined
        : (self.anyOf === undefined) !== (self.allOf === undefined),
  },
  {
    rule: "!(self.attribute in ['Tenant', 'Plan', 'Provider']) || !has(self.allOf)",
    message: 'a caller has one tenant, one plan and one provider; use anyOf',
    holds: (self) => !singular.includes(self.attribute) || self.allOf === undefined,
  },
)

/** Conditions on a caller that must all hold. */
export const principalConditions = (description: string) => atomic(condition, { min: 1, max: 8 }, description)
