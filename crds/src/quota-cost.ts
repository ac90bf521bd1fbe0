import { z } from 'zod'
import { method } from './common.ts'
import { atomic, set } from './lists.ts'

const cost = (description: string) => z.int().min(0).max(1000000).describe(description)

const methodCost = z
  .strictObject({
    methods: set(method, { min: 1, max: 16 }, 'The methods. GET covers HEAD, where HEAD is not named.'),
    cost: cost(
      'The units that a request of these methods takes. 0 = it is not counted, but with responseHeader it passes only while a unit is left.',
    ),
  })
  .describe('What some methods cost.')

const weight = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .describe('Its name in lower case.'),
    max: z
      .int()
      .min(1)
      .max(1000000)
      .describe('The most units that one answer takes; so many takes one whose header is no whole number, too.'),
  })
  .describe(
    'A header in which a backend of the namespace of the policy says, as a whole number, how many more units its answer has cost. They are taken when it comes, whether they fit or not; what does not fit is paid off before anything else passes. The header is removed from every answer. Absent = no answer says it.',
  )

export const quotaCost = z
  .strictObject({
    default: cost(
      'The units that other requests take. 0 = they are not counted, but with responseHeader they pass only while a unit is left.',
    ).default(1),
    byMethod: atomic(
      methodCost,
      { min: 1, max: 16 },
      'What requests of certain methods cost; the first entry that names the method decides. Absent = the default.',
    ).optional(),
    responseHeader: weight.optional(),
  })
  .describe(
    'What a request takes of each rate. A request that costs more than a rate holds is always refused. Absent = 1.',
  )
