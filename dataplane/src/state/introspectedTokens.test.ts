import { beforeEach, describe, expect, it } from 'vitest'
import { principal } from '../policy/policyFixture.ts'
import { IntrospectedTokens, type TokenTableLimits } from './introspectedTokens.ts'

const limits = { activeTTL: 1000, inactiveTTL: 100, activeEntries: 3, inactiveEntries: 3, bytes: 10_000 }
const time = { now: 0, monotonic: 0 }
const clock = { now: () => time.now, monotonic: () => time.monotonic }

const table = (over: Partial<TokenTableLimits> = {}, budget = { used: 0, limit: 100_000 }) =>
  new IntrospectedTokens(clock, { ...limits, ...over }, budget)
const valid = (expiresAt: number | null = null) => ({ type: 'valid' as const, principal: principal({ expiresAt }) })
const at = (asked: number, size = 100) => ({ asked, size })
const kept = (tokens: IntrospectedTokens, digests: readonly string[]) =>
  digests.filter((digest) => tokens.recall(digest) !== null)

beforeEach(() => {
  time.now = 0
  time.monotonic = 0
})

describe('IntrospectedTokens', () => {
  it('remembers from the moment of asking', () => {
    const tokens = table()
    time.monotonic = 500
    tokens.storeActive('a', valid(), at(400))
    tokens.storeInactive('b', 400)
    time.monotonic = 499
    expect(kept(tokens, ['a', 'b', 'c'])).toEqual(['a', 'b'])
    time.monotonic = 500
    expect(kept(tokens, ['a', 'b'])).toEqual(['a'])
    time.monotonic = 1400
    expect(kept(tokens, ['a'])).toEqual([])
  })

  it('refuses a token that was good, once it has expired, without asking', () => {
    const tokens = table()
    tokens.storeActive('a', valid(50), at(0))
    time.now = 49
    expect(tokens.recall('a')).toMatchObject({ type: 'valid' })
    time.now = 50
    expect(tokens.recall('a')).toMatchObject({ type: 'invalid' })
  })

  it.each([
    ['active', { activeTTL: 0 }, ['b']],
    ['inactive', { inactiveTTL: 0 }, ['a']],
  ])('remembers no %s token where that is off', (_name, over, expected) => {
    const tokens = table(over)
    tokens.storeActive('a', valid(), at(0))
    tokens.storeInactive('b', 0)
    expect(kept(tokens, ['a', 'b'])).toEqual(expected)
  })

  it('lets no flood of refused tokens displace a good one, nor itself grow', () => {
    const budget = { used: 0, limit: 100_000 }
    const tokens = table({}, budget)
    tokens.storeActive('good', valid(), at(0))
    for (let index = 0; index < 1000; index++) tokens.storeInactive(`bad-${index}`, 0)
    expect(kept(tokens, ['good', 'bad-0', 'bad-996', 'bad-997', 'bad-999'])).toEqual(['good', 'bad-997', 'bad-999'])
    expect(budget.used).toBe(100 + 3 * 128)
    tokens.close()
    expect(budget.used).toBe(0)
  })

  it('displaces the oldest by number and by bytes', () => {
    const tokens = table({ bytes: 1000 })
    for (const digest of ['a', 'b', 'c', 'd']) tokens.storeActive(digest, valid(), at(0))
    expect(kept(tokens, ['a', 'b', 'c', 'd'])).toEqual(['b', 'c', 'd'])
    tokens.storeActive('large', valid(), at(0, 850))
    expect(kept(tokens, ['b', 'c', 'd', 'large'])).toEqual(['d', 'large'])
    tokens.storeActive('larger', valid(), at(0, 1001))
    expect(kept(tokens, ['d', 'large', 'larger'])).toEqual([])
  })

  it('remembers nothing beyond what all tables may hold', () => {
    const budget = { used: 0, limit: 300 }
    const [one, other] = [table({}, budget), table({}, budget)]
    one.storeActive('a', valid(), at(0, 200))
    other.storeActive('b', valid(), at(0, 200))
    other.storeInactive('c', 0)
    expect([...kept(one, ['a']), ...kept(other, ['b', 'c'])]).toEqual(['a'])
    one.close()
    other.storeActive('b', valid(), at(0, 200))
    expect(kept(other, ['b'])).toEqual(['b'])
  })

  it('takes up no room any more when nobody needs it', () => {
    const budget = { used: 0, limit: 100_000 }
    const tokens = table({}, budget)
    tokens.storeActive('a', valid(), at(0))
    tokens.close()
    tokens.storeActive('late', valid(), at(0))
    tokens.storeInactive('later', 0)
    expect([budget.used, ...kept(tokens, ['a', 'late', 'later'])]).toEqual([0])
  })

  it('knows the newest word alone', () => {
    const budget = { used: 0, limit: 100_000 }
    const tokens = table({}, budget)
    tokens.storeActive('a', valid(), at(0))
    tokens.storeInactive('a', 0)
    expect(tokens.recall('a')).toMatchObject({ type: 'invalid' })
    tokens.storeActive('a', valid(), at(0))
    expect(tokens.recall('a')).toMatchObject({ type: 'valid' })
    expect(budget.used).toBe(100)
  })
})
