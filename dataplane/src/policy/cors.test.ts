import type { Cors } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { corsPlan, preflightHeaders, preflightMethod, pushCors, type CorsPlan } from './cors.ts'

const page = 'https://shop.example'

const cors = (over: Partial<Cors> = {}): Cors => ({
  allowOrigins: [page],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['content-type', 'x-version'],
  exposeHeaders: [],
  allowCredentials: false,
  maxAge: 5000,
  ...over,
})

const plan = (...levels: Partial<Cors>[]): CorsPlan => corsPlan(levels.map(cors))!

const headersOf = (headers: Readonly<Record<string, string | readonly string[]>>) =>
  new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()]))

/** The origin that an answer names; null = none. */
function named(one: CorsPlan, ...origin: string[]): string | null {
  const out: string[] = []
  pushCors(out, one, headersOf(origin.length === 0 ? {} : { origin }))
  expect(out.slice(0, 2)).toEqual(['vary', 'origin'])
  return out[out.indexOf('access-control-allow-origin') + 1] ?? null
}

const allowed = (one: CorsPlan, ...origin: string[]): boolean => {
  const out: string[] = []
  pushCors(out, one, headersOf(origin.length === 0 ? {} : { origin }))
  return out.includes('access-control-allow-origin')
}

describe('the origin of a page', () => {
  const wild = plan({ allowOrigins: ['https://*.shop.example', 'https://*.dev.example:8443'] })

  it.each([
    ['one that is listed', plan({}), page],
    ['one of several', plan({ allowOrigins: ['https://a.example', page] }), page],
    ['a label before a wildcard', wild, 'https://www.shop.example'],
    ['labels before a wildcard', wild, 'https://a.b.shop.example'],
    ['a label before a wildcard, with its port', wild, 'https://x.dev.example:8443'],
  ])('%s is named', (_name, one, origin) => {
    expect(named(one, origin)).toBe(origin)
  })

  it('is "*" for everybody, so that the answer is the same for all', () => {
    expect(named(plan({ allowOrigins: ['*'] }), 'https://any.example')).toBe('*')
  })

  it.each([
    ['none', plan({}), []],
    ['null', plan({ allowOrigins: ['*'] }), ['null']],
    ['two of them', plan({}), [page, page]],
    ['another scheme', plan({}), ['http://shop.example']],
    ['another port', plan({}), ['https://shop.example:8443']],
    ['another case', plan({}), ['https://Shop.example']],
    ['a trailing dot', plan({}), ['https://shop.example.']],
    ['a path', plan({}), [`${page}/`]],
    ['a longer name', plan({}), ['https://shop.example.evil.example']],
    ['a name that ends alike', plan({}), ['https://evilshop.example']],
    ['the name under a wildcard itself', wild, ['https://shop.example']],
    ['an empty label before a wildcard', wild, ['https://.shop.example']],
    ['another host before a wildcard', wild, ['https://evil.example/.shop.example']],
    ['a user before a wildcard', wild, ['https://evil.example@x.shop.example']],
    ['another port before a wildcard', wild, ['https://evil.example:1.shop.example']],
    ['another port behind a wildcard', wild, ['https://x.dev.example']],
    ['a dot that is any character in a pattern', wild, ['https://wwwxshop.example']],
  ])('%s is not allowed', (_name, one, origin) => {
    expect(allowed(one, ...origin)).toBe(false)
  })

  it('must be allowed by every level that says something', () => {
    const narrowed = plan({ allowOrigins: ['*'] }, { allowOrigins: ['https://*.shop.example'] })
    expect(allowed(narrowed, 'https://www.shop.example')).toBe(true)
    expect(allowed(narrowed, 'https://evil.example')).toBe(false)
  })

  it('is told what the narrowest level says', () => {
    const out: string[] = []
    const levels = [{ allowCredentials: true, exposeHeaders: ['x-total', 'x-page'] }, { allowCredentials: false }]
    pushCors(out, plan(...levels), headersOf({ origin: page }))
    expect(out.slice(2)).toEqual([
      'access-control-allow-origin',
      page,
      'access-control-allow-credentials',
      'true',
      'access-control-expose-headers',
      'x-total, x-page',
    ])
  })
})

const asking = (method: string, more: Readonly<Record<string, string | readonly string[]>> = {}) =>
  headersOf({ origin: page, 'access-control-request-method': method, ...more })

describe('a preflight', () => {
  it.each([
    ['OPTIONS with both headers', 'OPTIONS', asking('PUT'), 'PUT'],
    ['another method', 'GET', asking('PUT'), null],
    ['no origin', 'OPTIONS', headersOf({ 'access-control-request-method': 'PUT' }), null],
    ['no method', 'OPTIONS', headersOf({ origin: page }), null],
    ['two methods', 'OPTIONS', asking('PUT', { 'access-control-request-method': ['PUT', 'GET'] }), null],
    ['no token', 'OPTIONS', asking('PUT /x'), null],
  ])('%s', (_name, method, headers, asked) => {
    expect(preflightMethod({ method, headers })).toBe(asked)
  })

  it('is told all that its page may do', () => {
    expect(preflightHeaders(plan({}), 'PUT', asking('PUT'))).toEqual([
      'access-control-allow-methods',
      'GET, PUT',
      'access-control-allow-headers',
      'content-type, x-version',
      'access-control-max-age',
      '5',
    ])
  })

  it('is told what it asked for where anything goes', () => {
    const headers = asking('PURGE', { 'access-control-request-headers': 'X-A,authorization' })
    const open = plan({ allowMethods: null, allowHeaders: null, maxAge: 0 })
    expect(preflightHeaders(open, 'PURGE', headers)).toEqual([
      'access-control-allow-methods',
      'PURGE',
      'access-control-allow-headers',
      'x-a, authorization',
      'access-control-max-age',
      '0',
    ])
  })

  it('may ask for HEAD where GET is allowed, and for headers in any case', () => {
    const headers = asking('HEAD', { 'access-control-request-headers': ['X-VERSION', ' , content-type'] })
    expect(preflightHeaders(plan({}), 'HEAD', headers)).not.toBeNull()
  })

  it.each([
    ['another origin', 'PUT', { origin: 'https://evil.example' }],
    ['the origin null', 'PUT', { origin: 'null' }],
    ['another method', 'DELETE', {}],
    ['a method in lower case', 'put', {}],
    ['another header', 'PUT', { 'access-control-request-headers': 'content-type, x-evil' }],
    ['a private network', 'PUT', { 'access-control-request-private-network': 'true' }],
  ])('is refused for %s', (_name, method, more) => {
    expect(preflightHeaders(plan({}), method, asking(method, more))).toBeNull()
  })

  it.each([
    ['no header names', 'x-a, x b'],
    ['too many', Array.from({ length: 65 }, (_, index) => `x-${index}`).join(',')],
    ['a name beyond the last that counts', `${'a,'.repeat(64)} b,c d`],
  ])('is refused for %s also where any header goes', (_name, asked) => {
    const headers = asking('PUT', { 'access-control-request-headers': asked })
    expect(preflightHeaders(plan({ allowHeaders: null }), 'PUT', headers)).toBeNull()
  })
})
