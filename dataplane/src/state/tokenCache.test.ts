import { describe, expect, it } from 'vitest'
import { createTokenCache } from './tokenCache.ts'

const token = (expiresAt: number) => ({ verdict: { type: 'invalid' as const, forged: false }, keyId: 'k', expiresAt })

describe('createTokenCache', () => {
  it('remembers until the token expires', () => {
    const cache = createTokenCache(() => 0)
    cache.set('p', 'd', token(100))
    expect(cache.get('p', 'd', 99)).not.toBeNull()
    expect(cache.get('p', 'd', 100)).toBeNull()
    expect(cache.get('p', 'd', 99)).toBeNull()
  })

  it('remembers no longer than its own bound', () => {
    const cache = createTokenCache(() => 0, { entries: 10, age: 50 })
    cache.set('p', 'd', token(1000))
    expect(cache.get('p', 'd', 49)).not.toBeNull()
    expect(cache.get('p', 'd', 50)).toBeNull()
  })

  it('keeps providers and tokens apart', () => {
    const cache = createTokenCache(() => 0)
    cache.set('p', 'd', token(100))
    expect(cache.get('q', 'd', 1)).toBeNull()
    expect(cache.get('p', 'e', 1)).toBeNull()
  })

  it('drops the oldest when it is full', () => {
    const cache = createTokenCache(() => 0, { entries: 3, age: 50 })
    for (const digest of ['a', 'b', 'a', 'c', 'd']) cache.set('p', digest, token(100))
    const kept = ['a', 'b', 'c', 'd'].filter((digest) => cache.get('p', digest, 1) !== null)
    expect(kept).toEqual(['a', 'c', 'd'])
  })
})
