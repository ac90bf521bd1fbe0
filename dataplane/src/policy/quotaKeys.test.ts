import { describe, expect, it } from 'vitest'
import type { QuotaKey } from '@gatehouse/contract'
import { HeaderValues, mostValues } from '../state/headerValues.ts'
import { principal, quotaSubject as subject } from './policyFixture.ts'
import type { Principal } from './principal.ts'
import { keyOf, needsPrincipal, type KeyPlan, type QuotaSubject } from './quotaKeys.ts'

type Part = KeyPlan['parts'][number]

const plain = (...types: ('IP' | 'Principal' | 'APIKey' | 'Tenant' | 'Route')[]): Part[] =>
  types.map((type) => ({ type }))

const caller = (over: Partial<Principal>) => subject({ principal: principal(over) })
const claiming = (claims: Principal['claims']) => caller({ claims })
const keyBy = (parts: readonly Part[], who: QuotaSubject): string => keyOf({ level: 3, parts, header: null }, who, 0)

describe('keyOf', () => {
  const claim: Part[] = [{ type: 'Claim', path: ['org', 'id'] }]
  it.each<[string, readonly Part[], QuotaSubject, QuotaSubject, boolean]>([
    ['addresses', plain('IP'), subject(), subject({ network: '192.0.2.2' }), true],
    ['one address', plain('IP'), subject(), caller({}), false],
    ['callers', plain('Principal'), caller({ id: 'a' }), caller({ id: 'b' }), true],
    ['one caller from two addresses', plain('Principal'), caller({}), { ...caller({}), network: 'x' }, false],
    ['anonymous callers', plain('Principal'), subject(), subject({ network: 'x' }), false],
    ['an anonymous and a known caller', plain('Principal'), subject(), caller({ id: '-' }), true],
    [
      'callers that the level does not believe',
      plain('Principal'),
      caller({ id: 'a', level: 4 }),
      caller({ id: 'b', level: 4 }),
      false,
    ],
    ['tenants', plain('Tenant'), caller({ tenant: 'a' }), caller({ tenant: 'b' }), true],
    ['one tenant', plain('Tenant'), caller({ tenant: 'a', id: '1' }), caller({ tenant: 'a', id: '2' }), false],
    ['no tenant', plain('Tenant'), caller({ id: '1' }), caller({ id: '2' }), false],
    ['no tenant and one called none', plain('Tenant'), caller({}), caller({ tenant: 'none' }), true],
    ['no tenant and one called -', plain('Tenant'), caller({}), caller({ tenant: '-' }), true],
    ['API keys', plain('APIKey'), caller({ clientId: 'a', id: 'a' }), caller({ clientId: 'b', id: 'b' }), true],
    ['callers without an API key', plain('APIKey'), caller({ id: 'a' }), caller({ id: 'b' }), false],
    ['routes', plain('Route'), subject(), subject({ route: 'shop/other' }), true],
    ['routes of one caller', plain('Principal', 'Route'), caller({}), { ...caller({}), route: 'shop/other' }, true],
    [
      'parts that read alike together',
      plain('Tenant', 'Route'),
      { ...caller({ tenant: 'a' }), route: '1:bc' },
      { ...caller({ tenant: 'a4:' }), route: 'bc' },
      true,
    ],
    [
      'a lacking part and one that looks like it',
      plain('Tenant', 'Route'),
      { ...caller({}), route: 'x' },
      { ...caller({ tenant: '-1:x' }), route: '' },
      true,
    ],
    ['claims', claim, claiming({ org: { id: 'a' } }), claiming({ org: { id: 'b' } }), true],
    ['one claim of two callers', claim, claiming({ org: { id: 7 } }), claiming({ org: { id: 7 }, sub: 'b' }), false],
    ['a number and a text', claim, claiming({ org: { id: 7 } }), claiming({ org: { id: '7' } }), true],
    ['a boolean and a text', claim, claiming({ org: { id: true } }), claiming({ org: { id: 'true' } }), true],
    ['no claim and a list', claim, claiming({}), claiming({ org: { id: ['a'] } }), false],
    ['no claim and an empty one', claim, claiming({}), claiming({ org: { id: '' } }), true],
    ['long claims', claim, claiming({ org: { id: 'x'.repeat(99) } }), claiming({ org: { id: 'x'.repeat(98) } }), true],
  ])('%s', (...[, parts, a, b, apart]) => {
    expect(keyBy(parts, a) !== keyBy(parts, b)).toBe(apart)
  })

  it('is no longer than a bound, however long a part is', () => {
    const keys = ['a', 'b'].map((end) => keyBy(plain('Tenant', 'IP'), caller({ tenant: 'x'.repeat(10_000) + end })))
    expect(keys[0]).not.toBe(keys[1])
    expect(Math.max(...keys.map((key) => key.length))).toBeLessThan(100)
    expect(
      keyBy(plain('Tenant'), caller({ tenant: keyBy(plain('Tenant'), caller({ tenant: 'x'.repeat(600) })) })),
    ).toMatch(/^65:#/)
  })

  it('is no longer than what is written in it, however long a claim is', () => {
    expect(keyBy(claim, claiming({ org: { id: 'x'.repeat(100_000) } })).length).toBeLessThan(100)
  })
})

describe('a header in a key', () => {
  const unbounded = { isSpent: false, take: () => {}, giveBack: () => {} }
  const plan = (): KeyPlan => ({
    level: 3,
    parts: plain('IP'),
    header: { name: 'x-device', values: new HeaderValues(1000, unbounded) },
  })
  const device = (...values: string[]) => subject({ headers: new Map([['x-device', values]]) })

  it('splits the count, also by its absence', () => {
    const by = plan()
    const keys = [device('a'), device('b'), device('a', 'b'), subject(), device('-'), device('+'), device('')]
    expect(new Set(keys.map((one) => keyOf(by, one, 0))).size).toBe(7)
    expect(keyOf(by, device('a'), 0)).toBe(keyOf(by, device('a'), 0))
  })

  it('gives values beyond a number one count together, for each client', () => {
    const by = plan()
    const keys = Array.from({ length: 500 }, (_, index) => keyOf(by, device(`d${index}`), 0))
    expect(new Set(keys).size).toBe(mostValues + 1)
    const other = { ...device('d499'), network: '192.0.2.9' }
    expect(keyOf(by, other, 0)).not.toBe(keyOf(by, device('d499'), 0))
    expect(keyOf(by, device('d3'), 0)).toBe(keys[3])
  })
})

describe('needsPrincipal', () => {
  const rates = [{ limit: 1, window: 1, burst: 1 }]
  it.each<[string, QuotaKey[], boolean, boolean]>([
    ['what a request says', [{ type: 'IP' }, { type: 'Route' }, { type: 'Header', name: 'x' }], false, false],
    ['a tenant', [{ type: 'IP' }, { type: 'Tenant' }], false, true],
    ['a claim', [{ type: 'Claim', path: ['x'] }], false, true],
    ['plans', [{ type: 'IP' }], true, true],
  ])('%s', (...[, keys, planned, expected]) => {
    expect(needsPrincipal({ keys, plans: planned ? [{ name: 'gold', rates }] : [] })).toBe(expected)
  })
})
