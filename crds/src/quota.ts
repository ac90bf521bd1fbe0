import { z } from 'zod'
import { entryName } from './common.ts'
import { listMap } from './lists.ts'
import { mode } from './mode.ts'
import { quotaCost } from './quota-cost.ts'
import { quotaKeys } from './quota-key.ts'
import { quotaCalendar, quotaRates } from './quota-rates.ts'
import { onStoreFailure, quotaPrecision } from './quota-sharing.ts'
import { ruled } from './rule.ts'

const plan = z
  .strictObject({
    name: z.string().min(1).max(256).describe('The plan, as the provider says it.'),
    rates: quotaRates('The rates of callers of this plan, in place of those of the quota.'),
  })
  .describe('What callers of a plan may do.')

export const quota = ruled(
  z
    .strictObject({
      name: entryName('The name that records use.'),
      keys: quotaKeys,
      algorithm: z
        .enum(['TokenBucket', 'SlidingWindow', 'FixedWindow'])
        .describe(
          'TokenBucket: each rate is a bucket of burst units, refilled evenly by limit in each window. SlidingWindow: what was taken in this window, and of the one before the share that lies in the last window, stays below limit. FixedWindow: limit in each window, which begin at multiples of it since 1970. Required with rates.',
        )
        .optional(),
      rates: quotaRates('The rates; a request must fit into each. Exactly one of rates and calendar.').optional(),
      calendar: quotaCalendar.optional(),
      plans: listMap(
        plan,
        ['name'],
        { min: 1, max: 16 },
        'Rates for callers of certain plans, each caller for itself. A caller of another plan, or of none, has the rates of the quota. Absent = all callers have.',
      ).optional(),
      cost: quotaCost.optional(),
      scope: z
        .enum(['Replica', 'Gateway', 'Shared'])
        .describe(
          'Who counts together. Replica: each data plane counts for itself. Gateway: each data plane takes its part of the limits, so that together they permit what is written here; a limit that has no part for each of them is not accepted. Shared: all data planes count together in the quotaStore of the Gatehouse.',
        ),
      precision: quotaPrecision.optional(),
      onStoreFailure: onStoreFailure.optional(),
      mode: mode(
        'Shadow: the quota refuses nothing, and what it would have refused is recorded, by a count of its own.',
      ).default('Enforce'),
    })
    .describe('A limit on how often callers may call.'),
  {
    rule: "(self.scope == 'Shared') == has(self.onStoreFailure)",
    message: 'onStoreFailure is required with scope: Shared, and only then',
    holds: (self) => (self.scope === 'Shared') === (self.onStoreFailure !== undefined),
  },
  {
    rule: "!has(self.precision) || self.scope == 'Shared'",
    message: 'precision belongs to scope: Shared',
    holds: (self) => self.precision === undefined || self.scope === 'Shared',
  },
  {
    rule: "!has(self.precision) || self.precision.type != 'Leased' || !has(self.cost) || !has(self.cost.responseHeader)",
    message: 'cost.responseHeader is seen in the store alone, so such a quota cannot be Leased',
    holds: (self) => self.precision?.type !== 'Leased' || self.cost?.responseHeader === undefined,
  },
  {
    rule: 'has(self.rates) != has(self.calendar)',
    message: 'a quota needs exactly one of rates and calendar',
    holds: (self) => (self.rates === undefined) !== (self.calendar === undefined),
  },
  {
    rule: '!has(self.rates) || has(self.algorithm)',
    message: 'rates need an algorithm',
    holds: (self) => self.rates === undefined || self.algorithm !== undefined,
  },
  {
    rule: '!has(self.calendar) || !has(self.algorithm) && !has(self.plans)',
    message: 'algorithm and plans belong to rates',
    holds: (self) => self.calendar === undefined || (self.algorithm === undefined && self.plans === undefined),
  },
  {
    rule: "has(self.algorithm) && self.algorithm == 'TokenBucket' || (!has(self.rates) || self.rates.all(r, !has(r.burst))) && (!has(self.plans) || self.plans.all(p, p.rates.all(r, !has(r.burst))))",
    message: 'burst belongs to TokenBucket',
    holds: (self) =>
      self.algorithm === 'TokenBucket' ||
      [self.rates ?? [], ...(self.plans ?? []).map(({ rates }) => rates)]
        .flat()
        .every(({ burst }) => burst === undefined),
  },
)
