import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QuotaKey } from '@gatehouse/contract'
import { toldRate } from '../gateway/toldRate.ts'
import { createMeters } from '../state/meters.ts'
import { meterOf, type Meter } from './meter.ts'
import { principal, quotaSubject as subject } from './policyFixture.ts'
import type { Principal } from './principal.ts'
import type { KeyPlan } from './quotaKeys.ts'
import { giveUnitsBack, takeUnits, type QuotaCheck, type QuotaCost, type Rate } from './quotas.ts'

interface RateSpec {
  readonly limit: number
  readonly window: number
  readonly burst: number
}

const still = { now: () => 0, monotonic: () => 0 }

const rateOf = (spec: RateSpec, algorithm: Meter['algorithm'] = 'TokenBucket', label = 'burst'): Rate => {
  const meter = meterOf(algorithm, spec)
  const table = createMeters(still).acquire('x', { namespace: 'shop', slowest: meter }).value
  return { meter, table, told: toldRate('burst', { label, ...spec }), counter: label }
}

const parts = (...keys: Exclude<QuotaKey, { type: 'Header' }>[]): KeyPlan => ({ level: 3, parts: keys, header: null })

/** The same for all methods, and nothing that an answer says. */
const flat = (units: number): QuotaCost => ({ default: units, byMethod: null, weight: null })

const check = (rates: readonly Rate[], over: Partial<QuotaCheck> = {}): QuotaCheck => ({
  quota: 'burst',
  policy: 'shop/p',
  level: 3,
  keys: parts({ type: 'IP' }),
  rates,
  plans: null,
  namespace: 'shop',
  cost: flat(1),
  ...over,
})

const limited = (spec: RateSpec, over: Partial<QuotaCheck> = {}) => check([rateOf(spec)], over)

const caller = (over: Partial<Principal>) => subject({ principal: principal(over) })

/** @param now - milliseconds */
const take = (checks: readonly QuotaCheck[], who = subject(), now = 0) =>
  takeUnits(checks, who, { steady: now * 1000, wall: now * 1000 })

const passed = (...[checks, who, now]: Parameters<typeof take>): boolean => take(checks, who, now).refusing === null

/** How many of `tries` pass at one moment. */
const passes = (checks: readonly QuotaCheck[], now = 0, who = subject(), tries = 20): number =>
  Array.from({ length: tries }, () => passed(checks, who, now)).filter(Boolean).length

const hour = 3_600_000
const one = { limit: 1, window: hour, burst: 1 }

describe('takeUnits', () => {
  it('says what is left and when there is more', () => {
    const checks = [limited({ limit: 10, window: 1000, burst: 2 })]
    expect(take(checks).states).toMatchObject([{ rate: { item: '"burst"' }, remaining: 1, reset: 100 }])
    expect(take(checks)).toMatchObject({ refusing: null, states: [{ remaining: 0, reset: 100 }] })
    expect(take(checks, subject(), 40)).toMatchObject({ refusing: checks[0], states: [{ remaining: 0, reset: 60 }] })
    expect(passed(checks, subject(), 100)).toBe(true)
  })

  it('charges all quotas, or none', () => {
    const small = limited({ limit: 1, window: 1000, burst: 1 }, { quota: 'small' })
    const large = limited({ limit: 1, window: 1000, burst: 10 }, { quota: 'large' })
    expect(passes([large, small])).toBe(1)
    expect(take([large, small]).refusing).toBe(small)
    expect(passes([large])).toBe(9)
  })

  it('charges all rates of a quota, or none', () => {
    const rates = [rateOf({ limit: 5, window: 1000, burst: 5 }), rateOf({ limit: 7, window: hour, burst: 7 })]
    const both = [check(rates)]
    expect([0, 1000, 2000].map((now) => passes(both, now))).toEqual([5, 2, 0])
    expect(passes([check([rates[0]!])], 2000)).toBe(5)
  })

  it('names the quota that refuses longest, and tells of the others after it', () => {
    const soon = limited({ limit: 1, window: 1000, burst: 1 }, { quota: 'soon' })
    const late = limited({ limit: 1, window: 60_000, burst: 1 }, { quota: 'late' })
    const wide = limited({ limit: 9, window: 60_000, burst: 9 }, { quota: 'wide' })
    take([soon, wide, late])
    const verdict = take([soon, wide, late])
    expect(verdict.refusing).toBe(late)
    expect(verdict.states.map(({ remaining, reset }) => [remaining, reset])).toEqual([
      [0, 60_000],
      [0, 1000],
      [8, 6667],
    ])
  })

  it('tells of those with the least left first', () => {
    const states = take([limited({ ...one, burst: 5 }), limited({ ...one, burst: 2 })]).states
    expect(states.map(({ remaining }) => remaining)).toEqual([1, 4])
  })

  it('does to none of many quotas what one of them refuses', () => {
    const spec = fc.record({
      limit: fc.integer({ min: 1, max: 9 }),
      window: fc.integer({ min: 1, max: 50 }),
      burst: fc.integer({ min: 1, max: 9 }),
    })
    const algorithm = fc.constantFrom('TokenBucket' as const, 'SlidingWindow' as const, 'FixedWindow' as const)
    const quotas = fc.array(fc.tuple(spec, algorithm, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(quotas, fc.array(fc.nat(40), { maxLength: 40 }), (specs, pauses) => {
        const make = () => specs.map(([rate, kind, cost]) => check([rateOf(rate, kind)], { cost: flat(cost) }))
        const together = make()
        const alone = make()
        let now = 0
        for (const pause of pauses) {
          now += pause
          const fits = alone.every((quota) => {
            const verdict = take([quota], subject(), now)
            if (verdict.refusing === null) giveUnitsBack([quota], subject(), { steady: now * 1000, wall: now * 1000 })
            return verdict.refusing === null
          })
          expect(passed(together, subject(), now)).toBe(fits)
          if (fits) for (const quota of alone) take([quota], subject(), now)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('gives back what a phase took', () => {
    const checks = [limited({ ...one, burst: 3 }, { cost: flat(2) })]
    const now = { steady: 5000, wall: 5000 }
    expect(take(checks, subject(), 5).refusing).toBeNull()
    giveUnitsBack(checks, subject(), now)
    expect(take(checks, subject(), 5).states).toMatchObject([{ remaining: 1 }])
  })
})

describe('cost', () => {
  const cost = {
    weight: null,
    default: 2,
    byMethod: new Map([
      ['POST', 5],
      ['OPTIONS', 0],
    ]),
  }
  const by = (method: string) => subject({ method })

  it('is taken by method', () => {
    const checks = [limited({ ...one, burst: 9 }, { cost })]
    expect(take(checks, by('POST')).states).toMatchObject([{ remaining: 4 }])
    expect(passed(checks, by('POST'))).toBe(false)
    expect(take(checks, by('GET')).states).toMatchObject([{ remaining: 2 }])
  })

  it('of nothing is neither asked for nor told', () => {
    const checks = [limited(one, { cost })]
    expect(passes(checks, 0, by('OPTIONS'))).toBe(20)
    expect(take(checks, by('OPTIONS')).states).toEqual([])
  })

  it('that is more than a rate holds never passes', () => {
    expect(passed([limited({ ...one, burst: 4 }, { cost })], by('POST'), 100 * hour)).toBe(false)
  })
})

describe('plans', () => {
  const window = 1000
  const base = rateOf({ limit: 2, window, burst: 2 })
  const planned = (level = 3) => {
    const gold = { ...base, meter: meterOf('TokenBucket', { limit: 5, window, burst: 5 }) }
    const table = createMeters(still).acquire('x', { namespace: 'shop', slowest: base.meter }).value
    return check([{ ...base, table }], {
      level,
      keys: { ...parts({ type: 'Principal' }), level },
      plans: new Map([['gold', [{ ...gold, table }]]]),
    })
  }

  it.each([
    ['a plan', caller({ plan: 'gold' }), 5],
    ['a plan that is not known', caller({ plan: 'silver' }), 2],
    ['no plan', caller({}), 2],
    ['a plan that the level does not believe', caller({ plan: 'gold', level: 4 }), 2],
  ])('choose the rates: %s', (...[, who, expected]) => {
    expect(passes([planned()], 0, who)).toBe(expected)
  })

  it('go on with what was taken when a caller changes to another', () => {
    const checks = [planned()]
    expect(passes(checks, 0, caller({}))).toBe(2)
    expect(passes(checks, 0, caller({ plan: 'gold' }))).toBe(3)
    expect(passes(checks, 0, caller({}))).toBe(0)
  })
})
