import { describe, expect, it } from 'vitest'
import { storedRates } from './quotas.ts'

type Spec = Parameters<typeof storedRates>[0][number]

const rates = (count: number): NonNullable<Spec['rates']> =>
  Array.from({ length: count }, (_, index) => ({ limit: 10, window: `${index + 1}s` }))

const shared = (own: Partial<Spec>): Spec => ({
  name: 'orders',
  keys: [{ type: 'IP' }],
  algorithm: 'FixedWindow',
  scope: 'Shared',
  onStoreFailure: 'Deny',
  mode: 'Enforce',
  ...own,
})

const plan = (name: string, count: number) => ({ name, rates: rates(count) })

describe('storedRates', () => {
  it.each<[string, readonly Partial<Spec>[], number]>([
    ['no quotas', [], 0],
    ['the rates of each quota', [{ rates: rates(3) }, { rates: rates(4) }], 7],
    ['a calendar as one', [{ algorithm: undefined, calendar: { limit: 1, period: 'Day', timeZone: 'UTC' } }], 1],
    ['the plan with the most rates', [{ rates: rates(1), plans: [plan('silver', 2), plan('gold', 4)] }], 4],
    ['the rates where no plan has as many', [{ rates: rates(3), plans: [plan('gold', 1)] }], 3],
    ['no quota in Shadow', [{ rates: rates(4), mode: 'Shadow' }, { rates: rates(1) }], 1],
    [
      'no quota that is not Shared',
      [
        { rates: rates(4), scope: 'Gateway' },
        { rates: rates(4), scope: 'Replica' },
      ],
      0,
    ],
  ])('counts %s', (_what, quotas, count) => {
    expect(storedRates(quotas.map(shared))).toBe(count)
  })
})
