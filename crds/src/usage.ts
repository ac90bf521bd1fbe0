import { z } from 'zod'

export const usage = z
  .strictObject({
    path: z
      .string()
      .max(128)
      .regex(/^\/\.well-known\/gatehouse\/[a-z][a-z0-9-]*$/)
      .describe(
        'The path on every host at which a caller learns what its own quotas there have left. It lies below /.well-known/gatehouse/, which no route can claim.',
      ),
  })
  .describe('Lets callers ask for their own usage, as the policies of the host know them. Absent = nobody can ask.')
