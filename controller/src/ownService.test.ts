import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { worldOf } from './compile/worldOf.ts'
import { deniedAddresses, readyEndpoints } from './ownService.ts'

const own = { namespace: 'gatehouse-system', name: 'edge' }
const controllers = { namespace: 'gatehouse-system', name: 'edge-controller' }

const service = (namespace: string, name: string, clusterIPs: readonly string[]): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace, name },
  spec: { clusterIPs },
})

const slice = (namespace: string, name: string, of: string, endpoints: readonly Json[]): Json => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace, name, labels: { 'kubernetes.io/service-name': of } },
  endpoints,
})

const endpoint = (address: string, ready?: boolean): Json => ({
  addresses: [address],
  conditions: ready === undefined ? {} : { ready },
})

const world = worldOf(
  [
    service('default', 'kubernetes', ['10.96.0.1', 'fd00::1']),
    slice('default', 'kubernetes', 'kubernetes', [endpoint('192.0.2.1')]),
    service('gatehouse-system', 'edge', ['None']),
    slice('gatehouse-system', 'edge-a', 'edge', [endpoint('10.0.0.1', true), endpoint('10.0.0.2', false)]),
    slice('gatehouse-system', 'edge-b', 'edge', [endpoint('10.0.0.1', true), endpoint('10.0.0.3')]),
    slice('gatehouse-system', 'other', 'other', [endpoint('10.0.0.4', true)]),
    service('gatehouse-system', 'edge-controller', ['10.96.0.9', 'fd00::9']),
    slice('gatehouse-system', 'edge-controller-a', 'edge-controller', [
      endpoint('10.0.1.1'),
      endpoint('10.0.1.2', false),
    ]),
    slice('shop', 'edge', 'edge', [endpoint('10.0.0.5', true)]),
  ],
  'Equal',
)

describe('readyEndpoints', () => {
  it('counts each ready address of all slices of the Service once', () => {
    // An endpoint that does not say is ready, by the API.
    expect(readyEndpoints(world, own)).toBe(2)
    expect(readyEndpoints(world, { namespace: 'shop', name: 'nothing' })).toBe(0)
  })
})

describe('deniedAddresses', () => {
  it('are those of the API server and of Gatehouse itself, ready or not', () => {
    expect(deniedAddresses(world, [own])).toEqual([
      '10.0.0.1/32',
      '10.0.0.2/32',
      '10.0.0.3/32',
      '10.96.0.1/32',
      '192.0.2.1/32',
      'fd00::1/128',
    ])
    expect(deniedAddresses(world, [])).toEqual(['10.96.0.1/32', '192.0.2.1/32', 'fd00::1/128'])
    expect(deniedAddresses(world, [own, controllers])).toEqual(
      expect.arrayContaining(['10.0.0.1/32', '10.0.1.1/32', '10.0.1.2/32', 'fd00::9/128', '10.96.0.9/32']),
    )
    expect(deniedAddresses(worldOf([], 'Equal'), [own, controllers])).toEqual([])
  })
})
