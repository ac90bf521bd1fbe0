import { describe, expect, it } from 'vitest'
import type { Holder } from '../gateway/holder.ts'
import { createSlots, type Kept } from '../state/slots.ts'
import { takeSlots, type ConcurrencyCheck } from './concurrency.ts'
import { principal, quotaSubject as subject } from './policyFixture.ts'
import type { KeyPlan } from './quotaKeys.ts'

const by = (type: 'IP' | 'Tenant'): KeyPlan => ({ level: 3, parts: [{ type }], header: null })

const check = (over: Partial<ConcurrencyCheck> = {}): ConcurrencyCheck => ({
  policy: 'shop/p',
  level: 3,
  keys: by('IP'),
  limit: 2,
  table: createSlots().acquire('p').value,
  fleet: { share: (limit) => limit },
  ...over,
})

function holder(): Holder & { end(): void; readonly count: number } {
  const kept: Kept[] = []
  return {
    over: false,
    keep: (one) => void kept.push(one),
    end: () => kept.splice(0).forEach((one) => one.release()),
    get count() {
      return kept.length
    },
  }
}

describe('takeSlots', () => {
  it('lets as many run as the limit says, and the next when one is over', () => {
    const checks = [check()]
    const running = holder()
    expect(takeSlots(checks, subject(), running)).toBeNull()
    expect(takeSlots(checks, subject(), holder())).toBeNull()
    expect(takeSlots(checks, subject(), holder())).toBe(checks[0])
    expect(takeSlots(checks, subject({ network: '192.0.2.2' }), holder())).toBeNull()
    running.end()
    expect(takeSlots(checks, subject(), holder())).toBeNull()
  })

  it('lets its share of the limit run, whatever that is at the moment', () => {
    let among = 2
    const checks = [check({ limit: 4, fleet: { share: (limit) => limit / among } })]
    expect([1, 2, 3].map(() => takeSlots(checks, subject(), holder()))).toEqual([null, null, checks[0]])
    among = 1
    expect(takeSlots(checks, subject(), holder())).toBeNull()
    among = 4
    expect(takeSlots(checks, subject(), holder())).toBe(checks[0])
  })

  it('takes all or none', () => {
    const [wide, narrow] = [check({ limit: 5 }), check({ limit: 1, policy: 'shop/narrow' })]
    takeSlots([wide, narrow], subject(), holder())
    const refused = holder()
    expect(takeSlots([wide, narrow], subject(), refused)).toBe(narrow)
    expect(refused.count).toBe(0)
    expect(wide.table.taken('9:192.0.2.1')).toBe(1)
  })

  it('lets nobody in beyond a limit that was lowered, until enough are over', () => {
    const { table } = check()
    const running = [holder(), holder(), holder()]
    for (const one of running) takeSlots([check({ table, limit: 3 })], subject(), one)
    const lowered = [check({ table, limit: 1 })]
    for (const one of running) {
      expect(takeSlots(lowered, subject(), holder())).toBe(lowered[0])
      one.end()
    }
    expect(takeSlots(lowered, subject(), holder())).toBeNull()
  })

  it('counts those who lack a part together, and those whom the level does not believe', () => {
    const checks = [check({ keys: by('Tenant'), limit: 1 })]
    expect(takeSlots(checks, subject(), holder())).toBeNull()
    const stranger = principal({ tenant: 'acme', level: 4 })
    expect(takeSlots(checks, subject({ principal: stranger }), holder())).toBe(checks[0])
    expect(takeSlots(checks, subject({ principal: principal({ tenant: 'acme' }) }), holder())).toBeNull()
  })
})
