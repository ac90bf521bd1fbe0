import type { Quota, QuotaKey } from '@gatehouse/contract'

type PlainKey = Exclude<QuotaKey['type'], 'Header' | 'Claim'>

/** A bucket of three units that an hour brings back. @param types - keys that are told by their type alone */
export const quota = (types: readonly PlainKey[], over: Partial<Quota> = {}): Quota => ({
  name: 'burst',
  keys: types.map((type) => ({ type })),
  algorithm: 'TokenBucket',
  scope: 'Replica',
  shared: null,
  rates: [{ limit: 3, window: 3_600_000, burst: 3 }],
  calendar: null,
  plans: [],
  cost: { default: 1, byMethod: [], responseHeader: null },
  broken: false,
  ...over,
})
