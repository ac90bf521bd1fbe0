import type { Anomaly } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { createAnomalies } from '../state/anomaly/anomalies.ts'
import { createEventSinks } from '../state/anomaly/eventSinks.ts'
import type { SpikeEvent } from '../state/anomaly/spikeEvent.ts'
import { compileAnomaly, type AnomalyTools } from './compileAnomaly.ts'

const hour = 3_600_000
const spec: Anomaly = {
  keys: ['IP'],
  ratio: 2,
  minRequests: 10,
  baseline: hour,
  throttle: { limit: 1, window: hour },
  events: { type: 'Webhook', url: 'https://analytics.example/', addresses: 'Public', trust: 'shop/analytics' },
}

function tools() {
  let now = 0
  const told: SpikeEvent[] = []
  const clock = { now: () => now, monotonic: () => now }
  const made: AnomalyTools = {
    parsed: {
      trust: new Map([['shop/analytics', { name: 'shop/analytics', hash: '', spec: { anchors: ['PEM'] } }]]),
      unreadable: { trust: new Set(['shop/unreadable']) },
    },
    anomalies: createAnomalies({ clock, observe: (event) => told.push(event) }),
    eventSinks: createEventSinks(() => 0),
    outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: [] },
    purpose: 'Enforce',
  }
  return { made, told, at: (time: number) => (now = time) }
}

describe('compileAnomaly', () => {
  it('counts what is only tried by itself, and tells nobody of it (M9)', () => {
    const { made, told, at } = tools()
    const enforced = compileAnomaly('shop/p', spec, made)
    const tried = compileAnomaly('shop/p', spec, { ...made, purpose: 'Shadow' })
    expect(tried.sink).toBeNull()
    for (let past = 0; past < 3; past++) {
      tried.table.value.note('-')
      at((past + 1) * hour)
    }
    const noted = Array.from({ length: 20 }, () => tried.table.value.note('-'))
    expect(noted.some((wait) => (wait ?? 0) > 0)).toBe(true)
    expect(told).toEqual([])
    expect(enforced.table.value.note('-')).toBeNull()
  })

  it.each([
    ['shop/missing', [{ resource: 'trust/shop/missing', field: '', reason: 'MissingReference' }]],
    ['shop/unreadable', []],
  ])('sends nothing to a receiver whose authorities are not there: %s', (trust, refused) => {
    const { made } = tools()
    const compiled = compileAnomaly('shop/p', { ...spec, events: { ...spec.events!, trust } }, made)
    expect(compiled).toMatchObject({ sink: null, refused })
  })
})
