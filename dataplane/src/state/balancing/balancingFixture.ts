import type { Balancing, Endpoint, ResourceSpec } from '@gatehouse/contract'
import { Pool } from 'undici'
import type { Gateway } from '../../gateway/gateway.ts'
import type { PooledAddress, PooledUpstream } from '../pools.ts'
import { hash32, mix32 } from './hash32.ts'
import type { Addresses } from './picker.ts'

/** What tests of balancing need: randomness that is the same each time, and addresses that nothing is behind. */

/** From 0 up to, but not including, 1. */
export function seededRandom(seed = 1): () => number {
  let state = seed
  return () => mix32((state = (state + 0x9e3779b9) | 0)) / 2 ** 32
}

export const endpoint = (index: number, over: Partial<Endpoint> = {}): Endpoint => ({
  address: `10.0.${index >> 8}.${index & 255}`,
  port: 8080,
  zones: [],
  draining: false,
  ...over,
})

/** Addresses with so many requests under way, and so many milliseconds to an answer. */
export const addressesWith = (inFlight: readonly number[], latencies: readonly number[] = []): Addresses => ({
  inFlight: (place) => inFlight[place] ?? 0,
  latency: (place) => latencies[place] ?? 0,
  seed: (place) => hash32(endpoint(place).address),
})

export const placesUpTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place)

/** How often each place was chosen. */
export function tally(times: number, count: number, choose: () => number): number[] {
  const counts = Array.from({ length: count }, () => 0)
  for (let time = 0; time < times; time++) counts[choose()]! += 1
  return counts
}

const name = 'shop/orders:80'
const spec: ResourceSpec<'upstream'> = {
  namespace: 'shop',
  authority: 'orders.shop:80',
  protocol: 'HTTP1',
  tls: null,
  host: null,
  exemptFromAddressRules: false,
}

/** What balancing sees of a gateway with one upstream and a rule that spreads over it like this. */
export const useOf =
  (balancing: Balancing) =>
  (addresses: readonly Endpoint[]): Pick<Gateway, 'balanced' | 'upstreams'> => ({
    balanced: [{ upstream: name, balancing }],
    upstreams: new Map([[name, { spec, addresses: [...addresses], tls: null }]]),
  })

/** Its upstream, with nothing behind it. */
export function pooledUpstream({ upstreams }: Pick<Gateway, 'upstreams'>): PooledUpstream {
  const { addresses } = upstreams.get(name)!
  const pool = new Pool('http://127.0.0.1:1')
  const pooled = addresses.map(({ address, port }): PooledAddress => ({
    pool,
    address: `${address}:${port}`,
    inFlight: 0,
    ended: () => {},
  }))
  const all = placesUpTo(addresses.length)
  return { name, authority: '', addresses, asked: all, near: all, at: (place) => pooled[place]!, next: () => null }
}
