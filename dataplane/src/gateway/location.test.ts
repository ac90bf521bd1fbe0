import type { Action } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { locationOf } from './location.ts'
import type { PathEdit } from './pathEdit.ts'
import { requestFacts } from '../policy/policyFixture.ts'

type Redirect = Extract<Action, { type: 'Redirect' }>

const timeouts = { request: 0, backendRequest: 0, connect: 0, idle: 0, maxStreamAge: 0 }
const redirect = (origin: Redirect['origin']): Redirect => ({
  type: 'Redirect',
  statusCode: 302,
  origin,
  path: null,
  responseHeaders: null,
  timeouts,
})
const facts = requestFacts({
  host: 'api.example',
  authority: 'api.example:8080',
  path: '/foo/bar',
  query: '?a=1&b=//x',
})
const origin = (over: Partial<NonNullable<Redirect['origin']>>) =>
  ({ scheme: 'http', hostname: null, port: null, ...over }) as const
const locations = (one: Redirect['origin'], path: PathEdit | null = null) => locationOf(redirect(one), path, facts)

describe('the location of a redirect', () => {
  // The port rules of HTTPRequestRedirectFilter in the Gateway API.
  it.each([
    [origin({}), 'http://api.example'],
    [origin({ scheme: 'https' }), 'https://api.example'],
    [origin({ port: 80 }), 'http://api.example'],
    [origin({ scheme: 'https', port: 443 }), 'https://api.example'],
    [origin({ port: 443 }), 'http://api.example:443'],
    [origin({ scheme: 'https', port: 80 }), 'https://api.example:80'],
    [origin({ hostname: 'example.org', port: 8080 }), 'http://example.org:8080'],
    [origin({ scheme: 'https', hostname: 'example.org' }), 'https://example.org'],
    [null, ''],
  ])('with %j begins with %j, and keeps path and query', (one, expected) => {
    expect(locations(one)).toBe(`${expected}/foo/bar?a=1&b=//x`)
  })

  it('has the path after its change', () => {
    expect(locations(null, { matched: 4, value: '/xyz' })).toBe('/xyz/bar?a=1&b=//x')
    expect(locations(origin({}), { matched: null, value: '/' })).toBe('http://api.example/?a=1&b=//x')
  })
})
