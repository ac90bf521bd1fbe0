import { z } from 'zod'
import { claimPath } from './claim-path.ts'

/** Where the attributes of a principal are in what its provider says of it. */
export const claimMap = (description: string) =>
  z
    .strictObject({
      roles: claimPath('The claim that holds the roles. Absent = none.').optional(),
      scopes: claimPath(
        'The claim that holds the scopes: a list, or words separated by spaces. Absent = none.',
      ).optional(),
      tenant: claimPath('The claim that holds the tenant. Absent = none.').optional(),
    })
    .describe(description)
