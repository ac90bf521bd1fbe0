import { seal, type Quota } from '@gatehouse/contract'
import { expect, it } from 'vitest'
import { quotaStore } from '../gateway/quotaStoreFixture.ts'
import { openSnapshot, policy, quota, testClock } from '../gateway/snapshotFixture.ts'
import { createExplainer } from './explainer.ts'

const here = { scope: 'Replica', shared: null } as const
const together = { scope: 'Shared', shared: { sharePercent: null, onStoreFailure: 'Allow' } } as const

/** What becomes of a first request that costs so much of a limit of two. */
async function explained(where: Pick<Quota, 'scope' | 'shared'>, algorithm: Quota['algorithm'], units: number) {
  const cost = { default: units, byMethod: [], responseHeader: null }
  const rates = [{ limit: 2, window: 60_000, burst: 2 }]
  const limited = policy({ quotas: [quota(['IP'], { ...where, algorithm, cost, rates })] })
  const explainer = createExplainer([...openSnapshot(), quotaStore, limited].map(seal), testClock())
  try {
    const url = new URL('http://api.example:8080/')
    const described = { method: 'GET', url, target: '/', headers: [], sourceIP: '192.0.2.1' }
    return (await explainer.explain({ ...described, listener: null, certificate: null, standIn: null })).code
  } finally {
    explainer.close()
  }
}

it.each(['TokenBucket', 'SlidingWindow', 'FixedWindow'] as const)(
  'refuses what costs more than its limit, wherever it is counted: %s',
  async (algorithm) => {
    expect([await explained(here, algorithm, 2), await explained(together, algorithm, 2)]).toEqual([null, null])
    expect([await explained(here, algorithm, 3), await explained(together, algorithm, 3)]).toEqual([
      'quota-exceeded',
      'quota-exceeded',
    ])
  },
)
