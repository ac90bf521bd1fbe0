import { z } from 'zod'
import { entryName, positiveDuration } from './common.ts'
import { atomic, listMap } from './lists.ts'
import { mode } from './mode.ts'

export const quotaKeys = (description: string) =>
  listMap(
    z
      .strictObject({
        type: z
          .enum(['IP', 'Principal', 'APIKey', 'Tenant', 'Route'])
          .describe('IP is the address of the client, IPv6 by /64. Route splits the count by route.'),
      })
      .describe('A part of the key that requests are counted by.'),
    ['type'],
    { min: 1, max: 5 },
    description,
  )

export const quota = z
  .strictObject({
    name: entryName('The name that records use.'),
    keys: quotaKeys('What requests are counted by. Requests that lack a part share one count.'),
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
    mode: mode(
      'Shadow: the quota refuses nothing, and what it would have refused is recorded, by a count of its own.',
    ).default('Enforce'),
  })
  .describe('A limit on how often callers may call.')
