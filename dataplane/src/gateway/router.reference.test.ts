import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RuleMatch } from '@gatehouse/contract'
import type { RequestFacts } from './facts.ts'
import { atOnce } from '../slices.ts'
import { buildRouter, findRule } from './router.ts'
import { factsOf, find, one, prefix, regex, routerOf, template, type StubRoute } from './routerFixture.ts'

describe('findRule', () => {
  const element = fc.constantFrom('a', 'b', 'ab', 'c')
  const path = fc.array(element, { maxLength: 4 }).map((elements) => `/${elements.join('/')}`)
  const target = fc.tuple(path, fc.boolean()).map(([text, slash]) => (slash && text !== '/' ? `${text}/` : text))
  const part = fc.oneof(element, fc.constant('{}'))
  const anyTemplate = fc.tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean()).map(([parts, slash]) => ({
    type: 'Template' as const,
    value: `/${parts.map((one, i) => (one === '{}' ? `{p${i}}` : one)).join('/')}${slash ? '/' : ''}`,
  }))
  const expression = fc
    .constantFrom('/.*', '/a.*', '/(a|b)/.*', '/[^/]+', '/[^/]+/[^/]+/?', '/ab?/c', '/b(/.*)?', '/c+')
    .map((value) => ({ type: 'RegularExpression' as const, value }))
  const value = (name: string, text: string) => ({ name, type: 'Exact' as const, value: text })
  const anyMatch: fc.Arbitrary<RuleMatch> = fc.record({
    path: fc.oneof(
      fc.record({ type: fc.constantFrom('Exact' as const, 'PathPrefix' as const), value: target }),
      anyTemplate,
      expression,
    ),
    methods: fc.option(fc.constantFrom(['GET'], ['POST'], ['HEAD', 'PUT'])),
    headers: fc.constantFrom<RuleMatch['headers']>([], [value('x-a', '1')], [value('x-b', '2')]),
    queryParams: fc.constantFrom<RuleMatch['queryParams']>([], [value('q', '1')]),
  })
  const anyRoute = fc.record({
    hostname: fc.constantFrom('a.s.example', '*.s.example', '*.example', 'b.s.example'),
    created: fc.nat(2),
    matches: fc.array(anyMatch, { minLength: 1, maxLength: 4 }),
  })

  const elementsOf = (text: string): string[] =>
    text
      .split('/')
      .slice(1)
      .filter((part, i, all) => part !== '' || i < all.length - 1)

  const fits = ({ path, methods, headers, queryParams }: RuleMatch, facts: RequestFacts): boolean => {
    const { type, value } = path
    const own = elementsOf(facts.path)
    const wanted = elementsOf(value)
    const byType = {
      Exact: () => facts.path === value,
      PathPrefix: () => wanted.every((part, i) => own[i] === part),
      Template: () => new RegExp(`^${value.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(facts.path),
      RegularExpression: () => new RegExp(`^(?:${value})$`).test(facts.path),
    }
    const byPath = byType[type]()
    const byMethod =
      methods?.some((name) => name === facts.method || (name === 'GET' && facts.method === 'HEAD')) ?? true
    const byHeader = headers.every(({ name, value: text }) => facts.headers.get(name)?.join() === text)
    return byPath && byMethod && byHeader && (queryParams.length === 0 || facts.query === '?q=1')
  }

  /** The smaller comes first. */
  const specificity = ({ type, value }: RuleMatch['path']): number => {
    if (type === 'Template')
      return -value
        .slice(1)
        .split('/')
        .filter((part) => !part.startsWith('{')).length
    return type === 'RegularExpression' ? -value.length : -elementsOf(value).length
  }

  /** Sorts every match of the most specific hostname by every rule of precedence. */
  const naive = (routes: readonly StubRoute[], facts: RequestFacts): string => {
    const covering = (name: string) =>
      name === facts.host || (name.startsWith('*.') && facts.host.endsWith(name.slice(1)))
    const hosts = [...new Set(routes.flatMap(({ hostnames }) => hostnames))].filter(covering)
    const host = hosts.sort((x, y) => Number(x.startsWith('*')) - Number(y.startsWith('*')) || y.length - x.length)[0]
    const all = routes
      .filter(({ hostnames }) => hostnames.includes(host ?? ''))
      .flatMap((route) => route.matches.map((match, order) => ({ route, match, order })))
    const rank = ({ route, match, order }: (typeof all)[number]) => [
      ['Exact', 'Template', 'PathPrefix', 'RegularExpression'].indexOf(match.path.type),
      specificity(match.path),
      match.methods === null ? 1 : 0,
      -match.headers.length,
      -match.queryParams.length,
      route.created ?? 0,
      Number(route.name),
      order,
    ]
    const compare = (x: readonly number[], y: readonly number[]) => x.map((v, i) => v - y[i]!).find((d) => d !== 0) ?? 0
    const best = all.filter(({ match }) => fits(match, facts)).sort((x, y) => compare(rank(x), rank(y)))[0]
    return best?.route.name ?? 'no-route'
  }

  it('is what sorting all matches would give', () => {
    const asked = fc.record({
      host: fc.constantFrom('a.s.example', 'b.s.example', 'c.s.example', 'x.example'),
      target,
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
      query: fc.constantFrom('', '?q=1', '?q=2'),
      headers: fc.subarray(['x-a', 'x-b']).map((names) => names.flatMap((name) => [name, name === 'x-a' ? '1' : '2'])),
    })
    fc.assert(
      fc.property(
        fc.array(anyRoute, { maxLength: 8 }),
        asked,
        (stubs, { host, target: path, query, method, headers }) => {
          const routes = stubs.map(({ hostname, ...rest }, i): StubRoute => ({
            ...rest,
            name: String(i),
            hostnames: [hostname],
          }))
          const facts = factsOf(host, path + query, method, headers)
          expect(find(routes, facts)).toBe(naive(routes, facts))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('takes over the tables of hostnames that have not changed', () => {
    const hosts = ['a.example', 'b.example', 'c.example']
    const before = routerOf(hosts.map((host) => ({ ...one(host, prefix('/')), hostnames: [host] })))
    const changed = { candidates: [], incomplete: new Set(['shop']) }
    const after = atOnce(buildRouter(new Map([['b.example', changed] as const, ['c.example', null] as const]), before))
    expect([...after.groups.keys()]).toEqual(['a.example', 'b.example'])
    expect(after.groups.get('a.example')).toBe(before.groups.get('a.example'))
    const facts = hosts.map((host) => factsOf(host, '/'))
    const found = (router: typeof after) => facts.map((each) => findRule(router, null, each))
    expect(found(after)).toMatchObject([{ destination: { name: 'a.example' } }, 'config-invalid', 'no-route'])
    expect(found(before)).toMatchObject(hosts.map((name) => ({ destination: { name } })))
  })

  it.each([
    ['prefixes', (i: number) => prefix(`/svc-${i}/x`), '/svc-9999/x/y/z'],
    ['templates', (i: number) => template(`/svc-${i}/{a}/y/{b}`), '/svc-9999/x/y/z'],
  ])('costs the same with 10,000 routes by %s', (_, matchOf, path) => {
    const many = Array.from({ length: 10_000 }, (__, i) => one(String(i), matchOf(i)))
    const router = routerOf([...many, one('root', prefix('/'))])
    const facts = factsOf('a.example', path)
    const time = (run: () => void): number => {
      const start = performance.now()
      for (let i = 0; i < 20_000; i++) run()
      return performance.now() - start
    }
    const few = routerOf([one('9999', matchOf(9999)), one('root', prefix('/'))])
    time(() => findRule(few, null, facts))
    const small = time(() => findRule(few, null, facts))
    expect(time(() => findRule(router, null, facts))).toBeLessThan(20 * small + 50)
  })

  it('does not look for templates and expressions where there are none', () => {
    const { paths } = routerOf([one('x', prefix('/'))]).groups.get('a.example')!
    expect(paths).toMatchObject({ templates: null, regexes: null })
  })
})

describe('templates', () => {
  it.each([
    ['/orders/acme/7', 'both'],
    ['/orders/acme/7/', 'none'],
    ['/orders/acme', 'none'],
    ['/orders/acme/', 'none'],
    ['/orders//', 'bad'],
    ['/orders/acme/lines', 'literal'],
    ['/orders/acme/7/8', 'none'],
    ['/orders/a%20b/7', 'both'],
    ['/orders/a;b/7', 'both'],
  ])('%s is for %s', (path, expected) => {
    const routes = [
      one('both', template('/orders/{tenant}/{id}')),
      one('literal', template('/orders/{tenant}/lines')),
      one('none', prefix('/')),
    ]
    if (expected === 'bad') expect(() => factsOf('a.example', path)).toThrow('bad-path')
    else expect(find(routes, factsOf('a.example', path))).toBe(expected)
  })

  it('with one name twice answers for nothing', () => {
    const routes = [one('twice', template('/{a}/{a}')), one('root', prefix('/'))]
    expect(find(routes, factsOf('a.example', '/x/y'))).toBe('config-invalid')
    expect(find(routes, factsOf('a.example', '/x'))).toBe('root')
  })
})

describe('regular expressions', () => {
  const routes = [one('long', regex('/orders/[0-9]{1,4}')), one('short', regex('/orders/.*'))]
  it.each([
    ['/orders/12', 'long'],
    ['/orders/12345', 'short'],
    ['/x/orders/12', 'no-route'],
    ['/orders', 'no-route'],
  ])('%s is for %s', (path, expected) => {
    expect(find(routes, factsOf('a.example', path))).toBe(expected)
  })

  it('of which one is none keep closed what it could have been for (M7)', () => {
    const broken = one('broken', regex('/(orders/[0-9]{1,4}'))
    const foreign = { ...one('foreign', regex('/o.*')), namespace: 'other' }
    const all = [...routes, broken, foreign, one('exact', prefix('/open'))]
    expect(find(all, factsOf('a.example', '/orders/12'))).toBe('config-invalid')
    expect(find(all, factsOf('a.example', '/x'))).toBe('config-invalid')
    expect(find(all, factsOf('a.example', '/open'))).toBe('exact')
    expect(find(all, factsOf('a.example', '/other'))).toBe('foreign')
  })

  it('of which a later one might have matched, had looking not cost too much, keep the path closed', () => {
    const all = [one('dear', regex('/(a|b){300}c')), one('last', regex('/.*'))]
    expect(find(all, factsOf('a.example', '/x'))).toBe('last')
    expect(find(all, factsOf('a.example', `/${'x'.repeat(1000)}`))).toBe('route-too-costly')
    const loosely = [one('versioned', regex('/[^/]*;version=1/x*')), one('dear', regex('/(a|b){300}c'))]
    expect(find(loosely, factsOf('a.example', '/a;version=1/xx'))).toBe('versioned')
    expect(find(loosely, factsOf('a.example', `/a;version=1/${'x'.repeat(1000)}`))).toBe('route-too-costly')
  })

  it('cost no more than a bound, whatever their number', () => {
    const hostile = Array.from({ length: 2000 }, (_, i) => one(String(i), regex(`/(a|b)*a(a|b){${100 + (i % 300)}}`)))
    const facts = factsOf('a.example', `/${'ab'.repeat(4000)}c`)
    const router = routerOf(hostile)
    const start = performance.now()
    expect(findRule(router, null, facts)).toBe('route-too-costly')
    expect(performance.now() - start).toBeLessThan(500)
  })
})
