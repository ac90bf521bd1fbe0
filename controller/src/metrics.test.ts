import { expect, it } from 'vitest'
import { createMetrics, type KeyEnd } from './metrics.ts'

it('says when the next API key of each provider ends, as it is when asked', async () => {
  let ends: readonly KeyEnd[] = [{ namespace: 'shop', policy: 'orders', provider: 'partners', end: 1_767_225_600_000 }]
  const metrics = createMetrics({ term: () => 1 }, () => ends)
  const lines = async (): Promise<readonly string[]> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('gatehouse_controller_api_key_expiry'))
  expect(await lines()).toEqual([
    'gatehouse_controller_api_key_expiry_timestamp_seconds{namespace="shop",policy="orders",provider="partners"} 1767225600',
  ])
  ends = []
  expect(await lines()).toEqual([])
})
