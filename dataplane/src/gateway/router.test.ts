import { describe, expect, it } from 'vitest'
import { hostTable } from './hostTable.ts'
import type { Tenancy } from './router.ts'
import { exact, factsOf, find, one, prefix, type StubRoute } from './routerFixture.ts'

describe('precedence of paths', () => {
  const routes = [
    one('root', prefix('/')),
    one('api', prefix('/api')),
    one('deep', prefix('/api/v1/')),
    one('exact', exact('/api/v1')),
  ]

  it.each([
    ['/', 'root'],
    ['/x', 'root'],
    ['/api', 'api'],
    ['/api/', 'api'],
    ['/api/x', 'api'],
    ['/apix', 'root'],
    ['/api/v1', 'exact'],
    ['/api/v1/', 'deep'],
    ['/api/v1/x/y', 'deep'],
    ['/api/v10', 'api'],
    ['/%61pi/v1', 'exact'],
    ['/API', 'root'],
  ])('%s goes to %s', (target, name) => {
    expect(find(routes, factsOf('a.example', target))).toBe(name)
  })

  it('falls through what fails by method or header, and ends in 404', () => {
    const gated = [
      one('exact', exact('/x', { methods: ['POST'] })),
      one('header', prefix('/x', { headers: [{ name: 'x-v', type: 'Exact', value: '2' }] })),
      one('get', prefix('/', { methods: ['GET'] })),
    ]
    expect(find(gated, factsOf('a.example', '/x', 'POST'))).toBe('exact')
    expect(find(gated, factsOf('a.example', '/x'))).toBe('get')
    expect(find(gated, factsOf('a.example', '/x', 'HEAD'))).toBe('get')
    expect(find(gated, factsOf('a.example', '/x', 'PUT'))).toBe('no-route')
    expect(find(gated, factsOf('a.example', '/x', 'PUT', ['X-V', '2']))).toBe('header')
  })

  it('prefers listed methods, then headers, then age, then name, then order', () => {
    const header = [{ name: 'x-v', type: 'Exact' as const, value: '1' }]
    const all: StubRoute[] = [
      { ...one('younger', prefix('/')), created: 2 },
      { ...one('b', prefix('/')), created: 1 },
      { ...one('a', prefix('/')), created: 1 },
      { ...one('headers', prefix('/', { headers: header })), created: 9 },
      { ...one('methods', prefix('/', { methods: ['GET'] })), created: 9 },
    ]
    const facts = factsOf('a.example', '/', 'GET', ['x-v', '1'])
    expect(find(all, facts)).toBe('methods')
    expect(find(all.slice(0, 4), facts)).toBe('headers')
    expect(find(all.slice(0, 3), facts)).toBe('a')
    expect(find(all.slice(0, 2), facts)).toBe('b')
  })

  it('compares a repeated header as the one value that it is, and refuses what others could read for it', () => {
    const routes = [one('v', prefix('/', { headers: [{ name: 'x-v', type: 'Exact', value: '1' }] }))]
    expect(find(routes, factsOf('a.example', '/', 'GET', ['X-V', '1']))).toBe('v')
    expect(find(routes, factsOf('a.example', '/', 'GET', ['X-V', '1', 'x-v', '2']))).toBe('ambiguous-header')
    expect(find(routes, factsOf('a.example', '/', 'GET', ['X-V', '2', 'x-v', '1']))).toBe('ambiguous-header')
    expect(find(routes, factsOf('a.example', '/', 'GET', ['X-V', '2', 'x-v', '3']))).toBe('no-route')
    expect(find(routes, factsOf('a.example', '/', 'GET', ['X_V', '1']))).toBe('ambiguous-header')
    expect(find(routes, factsOf('a.example', '/', 'GET', ['X_V', '2', 'X-V', '1']))).toBe('ambiguous-header')
    expect(find(routes, factsOf('a.example', '/', 'GET', ['X_W', '1', 'X-V', '1']))).toBe('v')
  })
})

describe('hosts', () => {
  const routes: StubRoute[] = [
    { name: 'exact', hostnames: ['a.shop.example'], matches: [prefix('/')] },
    { name: 'wild', hostnames: ['*.shop.example'], matches: [prefix('/')] },
    { name: 'wider', hostnames: ['*.example'], matches: [prefix('/')] },
  ]

  it.each([
    ['a.shop.example', 'exact'],
    ['A.SHOP.EXAMPLE.', 'exact'],
    ['b.shop.example', 'wild'],
    ['x.a.shop.example', 'wild'],
    ['shop.example', 'wider'],
    ['example', 'no-route'],
    ['a.shop.example.evil', 'no-route'],
    ['xshop.example', 'wider'],
  ])('%s goes to %s', (host, name) => {
    expect(find(routes, factsOf(host, '/'))).toBe(name)
  })

  it('lets the most specific hostname decide alone', () => {
    const two = [{ name: 'exact', hostnames: ['a.shop.example'], matches: [exact('/only')] }, routes[1]!]
    expect(find(two, factsOf('a.shop.example', '/else'))).toBe('no-route')
  })
})

describe('tenancy (M6)', () => {
  const bound = (hosts: Record<string, string[]>): Tenancy =>
    hostTable(Object.entries(hosts).map(([pattern, names]) => [pattern, new Set(names)] as const))
  const routes: StubRoute[] = [
    { name: 'shop', namespace: 'shop', hostnames: ['*.shop.example'], matches: [prefix('/')] },
    { name: 'pay', namespace: 'pay', hostnames: ['pay.shop.example'], matches: [exact('/pay')] },
    { name: 'thief', namespace: 'thief', hostnames: ['b.shop.example', 'pay.shop.example'], matches: [prefix('/')] },
  ]
  const tenancy = bound({ '*.shop.example': ['shop'], 'pay.shop.example': ['pay'] })

  it.each([
    ['b.shop.example', '/', 'shop'],
    ['pay.shop.example', '/pay', 'pay'],
    ['pay.shop.example', '/', 'no-route'],
    ['x.pay.shop.example', '/', 'shop'],
    ['other.example', '/', 'no-route'],
  ])('%s%s is for %s', (host, target, name) => {
    expect(find(routes, factsOf(host, target), tenancy)).toBe(name)
  })

  it('keeps a wildcard route off a host that is bound to another, also when that serves nothing', () => {
    expect(find(routes.slice(0, 1), factsOf('pay.shop.example', '/'), tenancy)).toBe('no-route')
  })

  it('lets namespaces of one binding share a host', () => {
    const shared = bound({ 'a.example': ['x', 'y'] })
    const both = [
      { name: 'x', namespace: 'x', hostnames: ['a.example'], matches: [prefix('/x')] },
      { name: 'y', namespace: 'y', hostnames: ['a.example'], matches: [prefix('/y')] },
      { name: 'z', namespace: 'z', hostnames: ['a.example'], matches: [prefix('/')] },
    ]
    expect(find(both, factsOf('a.example', '/x'), shared)).toBe('x')
    expect(find(both, factsOf('a.example', '/y'), shared)).toBe('y')
    expect(find(both, factsOf('a.example', '/z'), shared)).toBe('no-route')
  })
})

describe('incomplete routes (M7)', () => {
  const broken = { name: 'broken', hostnames: ['a.shop.example'], matches: [], incomplete: true }
  const routes: StubRoute[] = [
    broken,
    { name: 'own', hostnames: ['a.shop.example'], matches: [prefix('/')] },
    { name: 'wild', hostnames: ['*.shop.example'], matches: [prefix('/')] },
    { name: 'foreign', namespace: 'other', hostnames: ['a.shop.example'], matches: [prefix('/other')] },
  ]

  it.each([
    ['a.shop.example', '/x', 'config-invalid'],
    ['a.shop.example', '/other', 'foreign'],
    ['b.shop.example', '/x', 'wild'],
  ])('%s%s: %s', (host, target, name) => {
    expect(find(routes, factsOf(host, target))).toBe(name)
  })

  it('covers the wildcard below which it would have been', () => {
    expect(find([broken, routes[2]!], factsOf('a.shop.example', '/x'))).toBe('config-invalid')
    const wild = [{ ...broken, hostnames: ['*.shop.example'] }, routes[1]!]
    expect(find(wild, factsOf('a.shop.example', '/x'))).toBe('config-invalid')
  })

  it('refuses what nobody else answers, which it may have been meant to answer', () => {
    expect(find([broken], factsOf('a.shop.example', '/x'))).toBe('config-invalid')
    expect(find([broken], factsOf('b.shop.example', '/x'))).toBe('no-route')
  })

  it('does so only where its namespace may serve', () => {
    const tenancy: Tenancy = hostTable([['*.example', new Set(['other'])]])
    expect(find(routes, factsOf('a.shop.example', '/x'), tenancy)).toBe('no-route')
    expect(find(routes, factsOf('a.shop.example', '/other'), tenancy)).toBe('foreign')
    const own: Tenancy = hostTable([['*.example', new Set(['shop'])]])
    expect(find([broken, routes[2]!], factsOf('a.shop.example', '/x'), own)).toBe('config-invalid')
  })
})

describe('paths that a backend may read otherwise', () => {
  const routes = [one('public', prefix('/')), one('admin', prefix('/admin'))]

  it.each([
    ['/admin;x=1', 'bad-path'],
    ['/admin;/users', 'bad-path'],
    ['/adm;x/in', 'public'],
    ['/x;v=1/y', 'public'],
    ['/admin/x;v=1', 'admin'],
    ['/admin%3Bx', 'bad-path'],
    ['/x%40y', 'public'],
  ])('%s: %s', (target, name) => {
    expect(find(routes, factsOf('a.example', target))).toBe(name)
  })

  it('compares escaped delimiters decoded as well', () => {
    const at = [one('public', prefix('/')), one('admin', prefix('/@admin'))]
    expect(find(at, factsOf('a.example', '/%40admin'))).toBe('bad-path')
    expect(find(at, factsOf('a.example', '/@admin'))).toBe('admin')
  })

  it('takes an author at the word who wrote parameters or escapes', () => {
    const written = [one('public', prefix('/')), one('matrix', prefix('/m;v=1')), one('at', exact('/%40'))]
    expect(find(written, factsOf('a.example', '/m;v=1/x'))).toBe('matrix')
    expect(find(written, factsOf('a.example', '/%40'))).toBe('at')
    expect(find(written, factsOf('a.example', '/m%3Bv=1/x'))).toBe('bad-path')
    expect(find(written, factsOf('a.example', '/m%3Bv=1;w/x'))).toBe('bad-path')
    expect(find(written, factsOf('a.example', '/m/x'))).toBe('public')
    expect(find(written, factsOf('a.example', '/@'))).toBe('bad-path')
    expect(find([...written, one('bare', exact('/@'))], factsOf('a.example', '/@'))).toBe('bare')
    expect(find([...written, one('bare', exact('/@'))], factsOf('a.example', '/%40'))).toBe('at')
  })
})
