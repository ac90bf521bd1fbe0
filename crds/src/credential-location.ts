import { z } from 'zod'
import { headerName } from './common.ts'
import { atomic } from './lists.ts'

export const credentialLocations = (description: string) =>
  atomic(
    z
      .strictObject({
        header: headerName('The name of the header; case does not matter.'),
        prefix: z
          .string()
          .max(64)
          .regex(/^[ -~]*$/)
          .optional()
          .describe(
            'What precedes the credential in the header, such as "Bearer "; compared without case. Absent = nothing.',
          ),
      })
      .describe('A place in the request.'),
    { min: 1, max: 8 },
    description,
  )
