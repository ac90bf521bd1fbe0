import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { servicesOf, type Services } from './services.ts'
import { worldOf } from './worldOf.ts'

const slice = (name: string, rest: { readonly [key: string]: Json }, service = 'orders'): Json => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  ports: [{ port: 8080 }],
  ...rest,
})
const service = (spec: Json): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'orders', namespace: 'shop' },
  spec,
})
const servicesWith = (...documents: Json[]): Services => servicesOf(worldOf(documents, 'Equal'))
const addresses = (...slices: Json[]) => servicesWith(...slices).addresses('shop', 'orders', '')

describe('the addresses of a Service', () => {
  it('are those of all its slices, sorted, each once', () => {
    const found = addresses(
      slice('b', { endpoints: [{ addresses: ['10.0.0.2', '10.0.0.9'] }, { addresses: ['10.0.0.1'] }] }),
      slice('a', { endpoints: [{ addresses: ['10.0.0.2'] }] }),
      slice('c', { endpoints: [{ addresses: ['10.0.0.3'] }] }, 'other'),
    )
    expect(found).toEqual([
      { address: '10.0.0.1', port: 8080, zones: [], draining: false },
      { address: '10.0.0.2', port: 8080, zones: [], draining: false },
    ])
  })

  it('say for which zones they are', () => {
    const hints = { forZones: [{ name: 'west' }, { name: '' }, {}, { name: 'e'.repeat(64) }, { name: 'east' }] }
    const many = { forZones: Array.from({ length: 20 }, (_, index) => ({ name: `z${index}` })) }
    const found = addresses(
      slice('a', {
        endpoints: [
          { addresses: ['10.0.0.1'], hints },
          { addresses: ['10.0.0.2'], hints: many },
        ],
      }),
    )
    expect(found[0]?.zones).toEqual(['west', 'east'])
    expect(found[1]?.zones).toHaveLength(8)
  })

  it('stay while they end and still serve, behind those that are ready', () => {
    const ending = { ready: false, serving: true, terminating: true }
    const endpoints = [
      { addresses: ['10.0.0.1'], conditions: ending },
      { addresses: ['10.0.0.2'] },
      { addresses: ['10.0.0.3'], conditions: { ready: true, serving: true, terminating: true } },
      { addresses: ['10.0.0.4'], conditions: { ...ending, serving: false } },
      { addresses: ['10.0.0.5'], conditions: { ...ending, terminating: false } },
    ]
    const stale = slice('b', { endpoints: [{ addresses: ['10.0.0.2'], conditions: ending }] })
    const found = addresses(slice('a', { endpoints }), stale)
    expect(found.map(({ address, draining }) => [address, draining])).toEqual([
      ['10.0.0.2', false],
      ['10.0.0.3', false],
      ['10.0.0.1', true],
    ])
  })

  it.each<[string, { readonly [key: string]: Json }]>([
    ['is not ready', { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }] }],
    ['has no address', { endpoints: [{ addresses: [] }, {}] }],
    ['is a name', { addressType: 'FQDN', endpoints: [{ addresses: ['internal.example'] }] }],
    ['has a port of another name', { ports: [{ name: 'admin', port: 1 }], endpoints: [{ addresses: ['10.0.0.1'] }] }],
    ['has a UDP port', { ports: [{ port: 1, protocol: 'UDP' }], endpoints: [{ addresses: ['10.0.0.1'] }] }],
    ['has no port', { ports: [{ name: '', port: null }], endpoints: [{ addresses: ['10.0.0.1'] }] }],
    ['has a port out of range', { ports: [{ port: 65536 }], endpoints: [{ addresses: ['10.0.0.1'] }] }],
  ])('are none where an endpoint %s', (_, rest) => {
    expect(addresses(slice('a', rest))).toEqual([])
  })

  it('are at most what the contract carries', () => {
    const endpoints = Array.from({ length: 6000 }, (_, i) => ({ addresses: [`10.0.${i >> 8}.${i & 255}`] }))
    expect(addresses(slice('a', { endpoints }))).toHaveLength(5000)
  })
})

describe('the port of a Service', () => {
  it('is found by its number, and only TCP', () => {
    const found = servicesWith(
      service({
        ports: [
          { name: 'web', port: 80 },
          { name: 'dns', port: 53, protocol: 'UDP' },
        ],
      }),
    )
    expect(found.port('shop', 'orders', 80)).toMatchObject({ portName: 'web' })
    expect(found.port('shop', 'orders', 53)).toBe('BackendPortNotFound')
    expect(found.port('docs', 'orders', 80)).toBe('BackendNotFound')
  })

  it('is refused of a Service that is a name elsewhere', () => {
    const spec = { type: 'ExternalName', externalName: 'metadata.internal', ports: [{ port: 80 }] }
    expect(servicesWith(service(spec)).port('shop', 'orders', 80)).toBe('UnsupportedBackend')
  })
})
