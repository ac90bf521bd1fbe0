import { describe, expect, it } from 'vitest'
import { pushRateLimit } from './rateLimit.ts'

describe('pushRateLimit', () => {
  it('writes names as structured strings, or not at all', () => {
    const quota = { limit: 1, window: 1000, remaining: 1, reset: 0 }
    const headers: string[] = []
    pushRateLimit(headers, { ...quota, name: 'a"\\b' })
    expect(headers[1]).toBe('"a\\"\\\\b";q=1;w=1')
    pushRateLimit(headers, { ...quota, name: 'ä' })
    pushRateLimit(headers, { ...quota, name: 'a\r\nb' })
    expect(headers).toHaveLength(4)
  })
})
