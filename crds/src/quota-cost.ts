import { z } from 'zod'
import { method } from './common.ts'
import { atomic, set } from './lists.ts'

const cost = (description: string) => z.int().min(0).max(1000000).describe(description)

const methodCost = z
  .strictObject({
    methods: set(method, { min: 1, max: 16 }, 'The methods. GET covers HEAD, where HEAD is not named.'),
    cost: cost('The units that a request of these methods takes. 0 = it is not counted.'),
  })
  .describe('What some methods cost.')

export const quotaCost = z
  .strictObject({
    default: cost('The units that other requests take. 0 = they are not counted.').default(1),
    byMethod: atomic(
      methodCost,
      { min: 1, max: 16 },
      'What requests of certain methods cost; the first entry that names the method decides. Absent = the default.',
    ).optional(),
  })
  .describe(
    'What a request takes of each rate. A request that costs more than a rate holds is always refused. Absent = 1.',
  )
