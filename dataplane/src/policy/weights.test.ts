import { describe, expect, it } from 'vitest'
import { toldRate } from '../gateway/toldRate.ts'
import { createMeters } from '../state/meters.ts'
import { meterOf } from './meter.ts'
import { takeUnits, type QuotaCheck } from './quotas.ts'
import { weightOf, Weights } from './weights.ts'

describe('weightOf', () => {
  it.each<[string, string | string[] | undefined, number]>([
    ['nothing', undefined, 0],
    ['zero', '0', 0],
    ['a number', '17', 17],
    ['the most', '100', 100],
    ['more than the most', '101', 100],
    ['a number that no integer holds', '9'.repeat(400), 100],
    ['a fraction', '1.5', 100],
    ['less than nothing', '-1', 100],
    ['a power', '1e1', 100],
    ['hexadecimal', '0x10', 100],
    ['a leading zero', '01', 100],
    ['a plus', '+1', 100],
    ['a space', ' 1', 100],
    ['an empty text', '', 100],
    ['a word', 'free', 100],
    ['two that are one line', '1, 1', 100],
    ['two lines', ['1', '1'], 100],
    ['one line in a list', ['1'], 100],
  ])('%s', (...[, value, expected]) => {
    expect(weightOf(value, 100)).toBe(expected)
  })
})

describe('Weights', () => {
  const clock = { now: () => 0, monotonic: () => 0 }
  const now = { steady: 0, wall: 0 }
  const subject = { method: 'GET', network: '192.0.2.1', route: 'shop/orders', headers: new Map(), principal: null }
  const meter = meterOf('TokenBucket', { limit: 10, window: 3_600_000, burst: 10 })
  const check = (namespace: string): QuotaCheck => ({
    quota: 'burst',
    policy: `${namespace}/p`,
    namespace,
    level: 3,
    keys: { level: 3, parts: [{ type: 'IP' }], header: null },
    rates: [
      {
        meter,
        counter: 'x',
        table: createMeters(clock).acquire('x', { namespace, slowest: meter }).value,
        told: toldRate('burst', { label: 'burst', limit: 10, window: 3_600_000 }),
      },
    ],
    plans: null,
    cost: { default: 1, byMethod: null, weight: { name: 'x-cost', max: 100 } },
  })
  const left = (quota: QuotaCheck) => takeUnits([quota], subject, now).states[0]?.remaining

  it('charge the quotas of the namespace of the backend, and no others', () => {
    const [own, platform] = [check('shop'), check('gatehouse-system')]
    new Weights({ local: [own, platform], shared: [], store: null, clock }, subject).charge('shop', { 'x-cost': '4' })
    expect([left(own), left(platform)]).toEqual([5, 9])
  })

  it('take nothing for what an answer does not say', () => {
    const own = check('shop')
    new Weights({ local: [own], shared: [], store: null, clock }, subject).charge('shop', { 'x-other': '4' })
    expect(left(own)).toBe(9)
  })
})
