import { maxOpenCircuits } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { circuitReports } from './circuitReports.ts'
import type { BreakerState } from './state/breakers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function reporting() {
  const states = new Map<string, BreakerState>()
  const reports: string[] = []
  const start = Date.now()
  let looks = 0
  const made = circuitReports({
    states: () => {
      looks++
      return [...states].map(([key, state]) => ({ key, state }))
    },
    changed: () => void reports.push(`${Date.now() - start} ${made.reported.map(({ rule }) => rule).join(',')}`),
    clock: { now: Date.now, monotonic: () => Date.now() },
  })
  return {
    made,
    reports,
    looks: () => looks,
    is: (rule: string, state: BreakerState, namespace = 'shop'): void => {
      states.set(`${namespace}/orders/${rule} ${namespace}/web:80`, state)
      made.moved()
    },
  }
}

describe('reports of open circuits', () => {
  it('name route, rule and upstream, also while a circuit is tried', () => {
    const { made, is } = reporting()
    is('read', 'half-open')
    is('write', 'closed')
    expect(made.reported).toEqual([{ route: 'shop/orders', rule: 'read', upstream: 'shop/web:80' }])
    made.close()
  })

  it('are made at once, and then every half minute at most, of what holds by then', () => {
    const { made, reports, is } = reporting()
    is('read', 'open')
    vi.advanceTimersByTime(1000)
    for (let round = 0; round < 50; round++) is('read', round % 2 === 0 ? 'closed' : 'open')
    is('write', 'open')
    vi.advanceTimersByTime(100_000)
    is('write', 'closed')
    vi.advanceTimersByTime(10_000)
    is('read', 'closed')
    is('read', 'open')
    vi.advanceTimersByTime(100_000)
    made.close()
    expect(reports).toEqual(['0 read', '30000 read,write', '101000 read'])
  })

  it('look through all breakers every half minute at most, also while nothing new is found', () => {
    const { made, is, looks } = reporting()
    for (let round = 0; round < 50; round++) is('read', round % 2 === 0 ? 'open' : 'half-open')
    expect(looks()).toBe(1)
    vi.advanceTimersByTime(30_000)
    for (let round = 0; round < 50; round++) is('read', round % 2 === 0 ? 'open' : 'half-open')
    expect(looks()).toBe(2)
    made.close()
  })

  it('name no more than can be read', () => {
    const { made, is } = reporting()
    for (let rule = 0; rule < 2 * maxOpenCircuits; rule++) is(`r${rule}`, 'open')
    vi.advanceTimersByTime(30_000)
    expect(made.reported).toHaveLength(maxOpenCircuits)
    made.close()
  })

  it('name some of each namespace, however many another has open', () => {
    const { made, is } = reporting()
    for (let rule = 0; rule < 2 * maxOpenCircuits; rule++) is(`r${rule}`, 'open', 'greedy')
    for (const namespace of ['honest', 'quiet']) is('read', 'open', namespace)
    vi.advanceTimersByTime(30_000)
    const routes = made.reported.map(({ route }) => route)
    expect(routes).toHaveLength(maxOpenCircuits)
    expect(routes).toEqual(expect.arrayContaining(['greedy/orders', 'honest/orders', 'quiet/orders']))
    made.close()
  })
})
