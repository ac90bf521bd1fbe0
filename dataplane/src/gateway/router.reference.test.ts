import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RuleMatch } from '@gatehouse/contract'
import type { RequestFacts } from './facts.ts'
import { buildRouter, findRule } from './router.ts'
import { factsOf, find, one, prefix, routerOf, type StubRoute } from './routerFixture.ts'

describe('findRule', () => {
  const element = fc.constantFrom('a', 'b', 'ab', 'c')
  const path = fc.array(element, { maxLength: 4 }).map((elements) => `/${elements.join('/')}`)
  const target = fc.tuple(path, fc.boolean()).map(([text, slash]) => (slash && text !== '/' ? `${text}/` : text))
  const anyMatch: fc.Arbitrary<RuleMatch> = fc.record({
    path: fc.record({ type: fc.constantFrom('Exact' as const, 'PathPrefix' as const), value: target }),
    methods: fc.option(fc.constantFrom(['GET'], ['POST'], ['HEAD', 'PUT'])),
    headers: fc.constantFrom([], [{ name: 'x-a', value: '1' }], [{ name: 'x-b', value: '2' }]),
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

  const fits = ({ path: { type, value }, methods, headers }: RuleMatch, facts: RequestFacts): boolean => {
    const own = elementsOf(facts.path)
    const wanted = elementsOf(value)
    const byPath = type === 'Exact' ? facts.path === value : wanted.every((part, i) => own[i] === part)
    const byMethod =
      methods?.some((name) => name === facts.method || (name === 'GET' && facts.method === 'HEAD')) ?? true
    return byPath && byMethod && headers.every(({ name, value: text }) => facts.headers.get(name)?.join() === text)
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
      match.path.type === 'Exact' ? 0 : 1,
      -elementsOf(match.path.value).length,
      match.methods === null ? 1 : 0,
      -match.headers.length,
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
      headers: fc.subarray(['x-a', 'x-b']).map((names) => names.flatMap((name) => [name, name === 'x-a' ? '1' : '2'])),
    })
    fc.assert(
      fc.property(fc.array(anyRoute, { maxLength: 8 }), asked, (stubs, { host, target: path, method, headers }) => {
        const routes = stubs.map(({ hostname, ...rest }, i): StubRoute => ({
          ...rest,
          name: String(i),
          hostnames: [hostname],
        }))
        const facts = factsOf(host, path, method, headers)
        expect(find(routes, facts)).toBe(naive(routes, facts))
      }),
      { numRuns: 3000 },
    )
  })

  it('takes over the tables of hostnames that have not changed', () => {
    const hosts = ['a.example', 'b.example', 'c.example']
    const before = routerOf(hosts.map((host) => ({ ...one(host, prefix('/')), hostnames: [host] })))
    const changed = { candidates: [], incomplete: new Set(['shop']) }
    const after = buildRouter(new Map([['b.example', changed] as const, ['c.example', null] as const]), before)
    expect([...after.groups.keys()]).toEqual(['a.example', 'b.example'])
    expect(after.groups.get('a.example')).toBe(before.groups.get('a.example'))
    const facts = hosts.map((host) => factsOf(host, '/'))
    const found = (router: typeof after) => facts.map((each) => findRule(router, null, each))
    expect(found(after)).toMatchObject([{ name: 'a.example' }, 'config-invalid', 'no-route'])
    expect(found(before)).toMatchObject([{ name: 'a.example' }, { name: 'b.example' }, { name: 'c.example' }])
  })

  it('costs the same with 10,000 routes', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => one(String(i), prefix(`/svc-${i}/x`)))
    const router = routerOf([...many, one('root', prefix('/'))])
    const facts = factsOf('a.example', '/svc-9999/x/y/z')
    const time = (run: () => void): number => {
      const start = performance.now()
      for (let i = 0; i < 20_000; i++) run()
      return performance.now() - start
    }
    const few = routerOf([one('9999', prefix('/svc-9999/x')), one('root', prefix('/'))])
    time(() => findRule(few, null, facts))
    const small = time(() => findRule(few, null, facts))
    expect(time(() => findRule(router, null, facts))).toBeLessThan(20 * small + 50)
  })
})
