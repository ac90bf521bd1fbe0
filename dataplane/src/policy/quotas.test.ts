import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Quota } from '@gatehouse/contract'
import { createBuckets } from '../state/buckets.ts'
import { principal } from './policyFixture.ts'
import { needsPrincipal, takeTokens, type QuotaSubject, type RateCheck } from './quotas.ts'
import type { Principal } from './principal.ts'

interface Rate {
  readonly limit: number
  readonly window: number
  readonly burst: number
}

const check = (keys: Quota['keys'], rate: Rate, over: Partial<RateCheck> = {}): RateCheck => ({
  quota: 'burst',
  policy: 'shop/p',
  level: 3,
  keys,
  ...rate,
  table: createBuckets(() => 0).acquire('x', rate).value,
  ...over,
})

const subject = (over: Partial<QuotaSubject> = {}): QuotaSubject => ({
  network: '192.0.2.1',
  route: 'shop/orders',
  principal: null,
  ...over,
})

/** How many of `tries` pass at one moment. */
const passes = (checks: readonly RateCheck[], who: QuotaSubject, now: number, tries: number): number =>
  Array.from({ length: tries }, () => takeTokens(checks, who, now).passed).filter(Boolean).length

describe('takeTokens', () => {
  it('lets a burst through, then what comes back', () => {
    const checks = [check(['IP'], { limit: 10, window: 1000, burst: 5 })]
    expect(passes(checks, subject(), 0, 20)).toBe(5)
    expect(passes(checks, subject(), 99, 20)).toBe(0)
    expect(passes(checks, subject(), 100, 20)).toBe(1)
    expect(passes(checks, subject(), 400, 20)).toBe(3)
    expect(passes(checks, subject(), 100_000, 20)).toBe(5)
  })

  it('says what is left and when', () => {
    const checks = [check(['IP'], { limit: 10, window: 1000, burst: 2 })]
    expect(takeTokens(checks, subject(), 0).state).toMatchObject({
      name: 'burst',
      limit: 10,
      window: 1000,
      remaining: 1,
    })
    expect(takeTokens(checks, subject(), 0)).toMatchObject({ passed: true, state: { remaining: 0, reset: 100 } })
    expect(takeTokens(checks, subject(), 40)).toMatchObject({ passed: false, state: { remaining: 0, reset: 60 } })
    expect(takeTokens(checks, subject(), 100).passed).toBe(true)
  })

  it('takes from every bucket or from none', () => {
    const small = check(['IP'], { limit: 1, window: 1000, burst: 1 }, { quota: 'small' })
    const large = check(['IP'], { limit: 1, window: 1000, burst: 10 }, { quota: 'large' })
    expect(passes([large, small], subject(), 0, 9)).toBe(1)
    expect(takeTokens([large, small], subject(), 0)).toMatchObject({ passed: false, check: { quota: 'small' } })
    expect(passes([large], subject(), 0, 20)).toBe(9)
  })

  it('names the quota that refuses longest', () => {
    const soon = check(['IP'], { limit: 1, window: 1000, burst: 1 }, { quota: 'soon' })
    const late = check(['IP'], { limit: 1, window: 60_000, burst: 1 }, { quota: 'late' })
    takeTokens([soon, late], subject(), 0)
    expect(takeTokens([soon, late], subject(), 0)).toMatchObject({ check: { quota: 'late' }, state: { reset: 60_000 } })
  })

  it('is not undone by a clock that stands or goes back', () => {
    const checks = [check(['IP'], { limit: 1, window: 1000, burst: 1 })]
    expect(takeTokens(checks, subject(), 5000).passed).toBe(true)
    expect(takeTokens(checks, subject(), 4000).passed).toBe(false)
    expect(takeTokens(checks, subject(), 5999).passed).toBe(false)
    expect(takeTokens(checks, subject(), 6000).passed).toBe(true)
  })

  it('never lets more through than burst and what came back, nor less', () => {
    const rate = fc.record({
      limit: fc.integer({ min: 1, max: 50 }),
      window: fc.integer({ min: 1, max: 5000 }),
      burst: fc.integer({ min: 1, max: 30 }),
    })
    const steps = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 800 }), tries: fc.integer({ min: 1, max: 10 }) }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(rate, steps, (one, moves) => {
        const checks = [check(['IP'], one)]
        let now = 0
        let passed = 0
        let asked = 0
        for (const { wait, tries } of moves) {
          now += wait
          asked += tries
          passed += passes(checks, subject(), now, tries)
        }
        expect(passed).toBeLessThanOrEqual(Math.floor(one.burst + (now * one.limit) / one.window + 1e-6))
        expect(passed).toBeGreaterThanOrEqual(Math.min(asked, one.burst))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('keys', () => {
  const rate = { limit: 1, window: 3_600_000, burst: 1 }
  const caller = (over: Partial<Principal>) => subject({ principal: principal(over) })
  const separate = (keys: Quota['keys'], a: QuotaSubject, b: QuotaSubject): boolean => {
    const checks = [check(keys, rate)]
    takeTokens(checks, a, 0)
    return takeTokens(checks, b, 0).passed
  }

  it.each<[string, Quota['keys'], QuotaSubject, QuotaSubject, boolean]>([
    ['addresses', ['IP'], subject(), subject({ network: '192.0.2.2' }), true],
    ['one address', ['IP'], subject(), caller({}), false],
    ['callers', ['Principal'], caller({ id: 'a' }), caller({ id: 'b' }), true],
    ['one caller from two addresses', ['Principal'], caller({}), { ...caller({}), network: 'x' }, false],
    ['anonymous callers', ['Principal'], subject(), subject({ network: 'x' }), false],
    ['an anonymous and a known caller', ['Principal'], subject(), caller({ id: '-' }), true],
    [
      'callers that the level does not believe',
      ['Principal'],
      caller({ id: 'a', level: 4 }),
      caller({ id: 'b', level: 4 }),
      false,
    ],
    ['tenants', ['Tenant'], caller({ tenant: 'a' }), caller({ tenant: 'b' }), true],
    ['one tenant', ['Tenant'], caller({ tenant: 'a', id: '1' }), caller({ tenant: 'a', id: '2' }), false],
    ['no tenant', ['Tenant'], caller({ id: '1' }), caller({ id: '2' }), false],
    ['no tenant and one called none', ['Tenant'], caller({}), caller({ tenant: 'none' }), true],
    ['no tenant and one called -', ['Tenant'], caller({}), caller({ tenant: '-' }), true],
    ['API keys', ['APIKey'], caller({ clientId: 'a', id: 'a' }), caller({ clientId: 'b', id: 'b' }), true],
    ['callers without an API key', ['APIKey'], caller({ id: 'a' }), caller({ id: 'b' }), false],
    ['routes', ['Route'], subject(), subject({ route: 'shop/other' }), true],
    ['routes of one caller', ['Principal', 'Route'], caller({}), { ...caller({}), route: 'shop/other' }, true],
    [
      'parts that read alike together',
      ['Tenant', 'Route'],
      { ...caller({ tenant: 'a' }), route: '1:bc' },
      { ...caller({ tenant: 'a4:' }), route: 'bc' },
      true,
    ],
    [
      'a lacking part and one that looks like it',
      ['Tenant', 'Route'],
      { ...caller({}), route: 'x' },
      { ...caller({ tenant: '-1:x' }), route: '' },
      true,
    ],
  ])('%s', (...[, keys, a, b, expected]) => {
    expect(separate(keys, a, b)).toBe(expected)
  })

  it('know which of them need a caller', () => {
    expect(needsPrincipal(['IP', 'Route'])).toBe(false)
    expect(needsPrincipal(['IP', 'Tenant'])).toBe(true)
  })
})
