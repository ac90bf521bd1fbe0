import { describe, expect, it } from 'vitest'
import { refusals, type RefusalCode } from '../gateway/refusal.ts'
import { toldRate } from '../gateway/toldRate.ts'
import { problemBytes, problemOf } from './problem.ts'

const requestId = '0123456789abcdef0123456789abcdef'
const plain = { requestId, challenge: null, retryAfter: null, quotas: [] }

const header = ({ headers }: { readonly headers: readonly string[] }, name: string): string | undefined =>
  headers[headers.indexOf(name) + 1 || -1]

describe('problemOf', () => {
  it.each(Object.keys(refusals) as RefusalCode[])('says %s in the one form', (code) => {
    const problem = problemOf(code, plain)
    expect(JSON.parse(problem.body)).toEqual({
      type: `urn:gatehouse:problem:${code}`,
      title: refusals[code].title,
      status: refusals[code].status,
      requestId,
    })
    expect(problem.status).toBe(refusals[code].status)
    expect(header(problem, 'content-length')).toBe(String(Buffer.byteLength(problem.body)))
    expect(header(problem, 'content-type')).toBe('application/problem+json')
    expect(header(problem, 'x-request-id')).toBe(requestId)
  })

  it('always challenges with 401', () => {
    expect(header(problemOf('unauthenticated', plain), 'www-authenticate')).toBe('Bearer')
    const challenge = 'Bearer realm="shop", error="invalid_token"'
    expect(header(problemOf('unauthenticated', { ...plain, challenge }), 'www-authenticate')).toBe(challenge)
    expect(problemOf('forbidden', { ...plain, challenge }).headers).not.toContain('www-authenticate')
  })

  it('always says with 503 when to come again', () => {
    expect(header(problemOf('no-endpoint', plain), 'retry-after')).toBe('1')
    expect(header(problemOf('circuit-open', { ...plain, retryAfter: 15 }), 'retry-after')).toBe('15')
    expect(problemOf('upstream-connect', plain).headers).not.toContain('retry-after')
  })

  it('says of a quota when to come again', () => {
    const rate = toldRate('burst', { label: 'burst', limit: 100, window: 1500 })
    const quotas = [{ rate, remaining: 0, reset: 10 }]
    const problem = problemOf('quota-exceeded', { ...plain, retryAfter: 1, quotas })
    expect(header(problem, 'retry-after')).toBe('1')
    expect(header(problem, 'ratelimit-policy')).toBe('"burst";q=100;w=2')
    expect(header(problem, 'ratelimit')).toBe('"burst";r=0;t=1')
  })
})

describe('problemBytes', () => {
  it('is a whole response that ends the connection', () => {
    const bytes = problemBytes(problemOf('bad-request', plain), new Date(0))
    expect(bytes).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(bytes).toContain('\r\nconnection: close\r\n\r\n{')
    expect(bytes).toContain('\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n')
  })
})
