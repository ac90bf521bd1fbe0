import { z } from 'zod'
import { plainKeys } from './quota-key.ts'

export const concurrency = z
  .strictObject({
    keys: plainKeys('What running requests are counted by. Requests that lack a part share one count.'),
    limit: z
      .int()
      .min(1)
      .max(1000000)
      .describe(
        'The requests of one key that may run at once. Not less than the number of data planes, each of which lets its whole share run and at least one.',
      ),
  })
  .describe(
    'How many requests may run at once, from when their caller is known until their answer, stream or WebSocket is over. The data planes divide the limit evenly among them. Those of all policies of all levels must pass. Absent = any number.',
  )
