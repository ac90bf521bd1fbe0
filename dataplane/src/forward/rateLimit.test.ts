import { describe, expect, it } from 'vitest'
import { toldRate } from '../gateway/toldRate.ts'
import { pushRateLimit } from './rateLimit.ts'

const told = (label: string, window: number | null = 1000) => toldRate('q', { label, limit: 7, window })
const state = (label: string, remaining: number) => ({ rate: told(label), remaining, reset: 1001 })

const pushed = (...quotas: Parameters<typeof pushRateLimit>[1]) => {
  const headers: string[] = []
  pushRateLimit(headers, quotas)
  return headers
}

describe('pushRateLimit', () => {
  it('says nothing where nothing counted', () => {
    expect(pushed()).toEqual([])
  })

  it('tells of all that counted, in their order', () => {
    expect(pushed(state('a', 1), state('b', 2))).toEqual([
      'ratelimit-policy',
      '"a";q=7;w=1, "b";q=7;w=1',
      'ratelimit',
      '"a";r=1;t=2, "b";r=2;t=2',
    ])
  })

  it('tells of eight at most', () => {
    const [, policies = '', , limits = ''] = pushed(...Array.from({ length: 20 }, (_, index) => state('a', index)))
    expect(policies.split(', ')).toHaveLength(8)
    expect(limits.split(', ')).toHaveLength(8)
  })
})

describe('toldRate', () => {
  it('writes names as structured strings', () => {
    expect(told('a"\\b').item).toBe('"a\\"\\\\b"')
    expect(told('ä\r\n').item).toBe('"???"')
  })

  it('says no length of what has none of its own', () => {
    expect(told('a', null).policy).toBe('"a";q=7')
  })
})
