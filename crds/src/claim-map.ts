import { z } from 'zod'
import { claimPath } from './claim-path.ts'

const trustLevel = z
  .strictObject({
    claim: claimPath('The claim, such as acr.'),
    values: z
      .record(z.string(), z.int().min(0).max(100).describe('How far that is to be trusted: the higher the better.'))
      .refine(
        (values) => Object.keys(values).length >= 1 && Object.keys(values).length <= 32,
        'must have 1 to 32 entries',
      )
      .meta({
        description: 'The trust level that each value of the claim stands for. Of any other value nothing is known.',
        minProperties: 1,
        maxProperties: 32,
      }),
  })
  .describe('How far the authentication is to be trusted (RFC 9470). Absent = not known.')

/** Where the attributes of a principal are in claims. */
export const claimMap = z
  .strictObject({
    roles: claimPath('The claim that holds the roles: a list, or one role. Absent = none.').optional(),
    scopes: claimPath(
      'The claim that holds the scopes: a list, or words separated by spaces. Absent = none.',
    ).optional(),
    groups: claimPath('The claim that holds the groups: a list, or one group. Absent = none.').optional(),
    tenant: claimPath('The claim that holds the tenant. Absent = none.').optional(),
    plan: claimPath('The claim that holds the plan. Absent = none.').optional(),
    trustLevel: trustLevel.optional(),
  })
  .describe(
    'Where the attributes of the principal are in the claims. A claim of another type than is said here makes the credential invalid. Absent = it has none.',
  )
