import { describe, expect, it } from 'vitest'
import {
  exact,
  expression,
  factsOf,
  find,
  one,
  prefix,
  regex,
  template,
  value,
  type StubRoute,
} from './routerFixture.ts'

const asked = (target: string, headers: readonly string[] = []) => factsOf('a.example', target, 'GET', headers)

/** Gateway API, HTTPRouteRule: each row is less specific than the one before, and all of them fit the request. */
const ranks: readonly (readonly [why: string, route: StubRoute])[] = [
  ['an exact path', one('exact', exact('/shop/7'))],
  ['a template of more literal elements', one('literal', template('/shop/{id}'))],
  ['a template of fewer', one('template', template('/{any}/{id}'))],
  ['a longer prefix, though it says nothing else', one('prefix', prefix('/shop'))],
  ['a listed method', one('method', prefix('/', { methods: ['GET'] }))],
  ['more headers', one('two', prefix('/', { headers: [value('x-a', '1'), expression('x-b', '.*')] }))],
  [
    'a header and two parameters',
    one('one-two', prefix('/', { headers: [value('x-a', '1')], queryParams: [value('p', '1'), value('q', '2')] })),
  ],
  [
    'a header and a parameter',
    one('one-one', prefix('/', { headers: [value('x-a', '1')], queryParams: [expression('p', '.')] })),
  ],
  ['a header', one('one', prefix('/', { headers: [value('x-a', '1')] }))],
  ['a parameter', { ...one('parameter', prefix('/', { queryParams: [value('p', '1')] })), created: 3 }],
  ['an older route', { ...one('z', prefix('/')), created: 1 }],
  ['a namespace that comes first', { ...one('z', prefix('/')), created: 2, namespace: 'a' }],
  ['a name that comes first', { ...one('a', prefix('/')), created: 2 }],
  ['a name that comes later', { ...one('b', prefix('/')), created: 2 }],
  ['a longer expression, though it says more', one('regex', regex('/shop/[0-9]', { methods: ['GET'] }))],
  ['a shorter expression', one('short', regex('/.*'))],
]

describe('the precedence of the Gateway API', () => {
  it.each(ranks.map(([why, { name }], at) => [why, name, at] as const))('%s comes next', (_, name, at) => {
    const rest = ranks.slice(at).map(([, route]) => route)
    const facts = asked('/shop/7?p=1&q=2', ['x-a', '1', 'x-b', 'y'])
    expect(find(rest.toReversed(), facts)).toBe(name)
  })

  it('ends with the order within a route', () => {
    const route = one('r', prefix('/x'), prefix('/x', { methods: ['GET'] }))
    expect(find([route], asked('/x'))).toBe('r')
  })
})

describe('headers by regular expression', () => {
  const routes = [one('v2', prefix('/', { headers: [expression('x-v', '2(\\.[0-9]+)?')] })), one('rest', prefix('/'))]

  it.each([
    [['X-V', '2'], 'v2'],
    [['X-V', '2.10'], 'v2'],
    [['X-V', 'v2.10'], 'rest'],
    [['X-V', '2.'], 'rest'],
    [['X-V', ''], 'rest'],
    [['X-V', '2', 'X-V', '2'], 'ambiguous-header'],
    [['X-V', '3', 'X-V', '4'], 'rest'],
    [['X_V', '2.1'], 'ambiguous-header'],
    [[], 'rest'],
  ])('%j goes to %s', (headers, name) => {
    expect(find(routes, asked('/', headers))).toBe(name)
  })

  it('that cost more than the bound of the host refuse, and never lead elsewhere', () => {
    const costly = [
      one('a', prefix('/', { headers: [expression('x-v', '(a|b)*a(a|b){200}')] })),
      one('rest', prefix('/')),
    ]
    expect(find(costly, asked('/', ['x-v', 'b'.repeat(100)]))).toBe('rest')
    expect(find(costly, asked('/', ['x-v', 'b'.repeat(8000)]))).toBe('route-too-costly')
    expect(find(costly, asked('/', ['x-w', 'b'.repeat(8000)]))).toBe('rest')
  })

  it('share the bound with those of paths', () => {
    const dear = '(a|b)*a(a|b){150}'
    const header = prefix('/', { headers: [expression('x-v', dear)] })
    const path = regex(`/${dear}`)
    const facts = asked(`/${'b'.repeat(300)}`, ['x-v', 'b'.repeat(300)])
    expect(find([one('header', header)], facts)).toBe('no-route')
    expect(find([one('path', path)], facts)).toBe('no-route')
    expect(find([one('header', header), one('path', path)], facts)).toBe('route-too-costly')
  })
})

describe('parameters of the query', () => {
  const routes = [
    one('beta', prefix('/', { queryParams: [value('beta', 'a b')] })),
    one('digits', prefix('/', { queryParams: [expression('n', '[0-9]{1,3}')] })),
    one('rest', prefix('/')),
  ]

  it.each([
    ['?beta=a%20b', 'beta'],
    ['?beta=a+b', 'beta'],
    ['?%62eta=%61%20b', 'beta'],
    ['?x=1&beta=a+b&y', 'beta'],
    ['?n=007', 'digits'],
    ['?n=007&beta=a+b', 'beta'],
    ['', 'rest'],
    ['?', 'rest'],
    ['?beta', 'rest'],
    ['?beta=', 'rest'],
    ['?beta=a%2520b', 'rest'],
    ['?beta=A+B', 'rest'],
    ['?alpha=a+b', 'rest'],
    ['?n=0070', 'rest'],
    ['?n=x&n=y', 'rest'],
    ['?q=1&q=2', 'rest'],
    ['?q=%zz', 'rest'],
  ])('%s goes to %s', (query, name) => {
    expect(find(routes, asked(`/${query}`))).toBe(name)
  })

  it.each([
    ['the same value twice', '?beta=a+b&beta=a+b'],
    ['another value first', '?beta=x&beta=a+b'],
    ['another value last', '?n=1&n=x'],
    ['values that fit together', '?n=1&n='],
    ['another case', '?BETA=a+b'],
    ['a list', '?n[]=1'],
    ['a member', '?n[x]=1'],
    ['a space before the name', '?+n=1'],
    ['a semicolon before it', '?x=1;n=1'],
    ['a semicolon after it', '?n=1;x=1'],
    ['a bad escape', '?n=%zz'],
    ['bytes that are no UTF-8', '?n=%e9'],
    ['more parameters than all readers take', `?${'x=1&'.repeat(300)}n=1`],
  ])('of which readers differ are refused: %s', (_, query) => {
    expect(find(routes, asked(`/${query}`))).toBe('ambiguous-query')
  })

  it('mean nothing to a match that does not fit otherwise', () => {
    const elsewhere = [one('beta', prefix('/x', { queryParams: [value('beta', '1')] })), one('rest', prefix('/'))]
    expect(find(elsewhere, asked('/?beta=1&beta=2'))).toBe('rest')
    expect(find(elsewhere, asked('/x?beta=1&beta=2'))).toBe('ambiguous-query')
    expect(find([one('exact', exact('/x')), ...elsewhere], asked('/x?beta=1&beta=2'))).toBe('exact')
  })
})

describe('a match that nobody understands (M7)', () => {
  const broken = prefix('/x', { headers: [expression('x-v', '(')] })
  const own = [one('broken', broken), one('less', prefix('/')), one('exact', exact('/x/y'))]

  it('closes what would fall through to a less specific one of its namespace', () => {
    expect(find(own, asked('/x', ['x-v', '1']))).toBe('config-invalid')
    expect(find(own, asked('/x'))).toBe('less')
    expect(find(own, asked('/z', ['x-v', '1']))).toBe('less')
    expect(find(own, asked('/x/y', ['x-v', '1']))).toBe('exact')
  })

  it('closes nothing of another namespace', () => {
    const foreign = { ...one('foreign', prefix('/')), namespace: 'other' }
    expect(find([one('broken', broken), foreign], asked('/x', ['x-v', '1']))).toBe('foreign')
    const unsound = one('unsound', template('/{a}/{a}'))
    expect(find([unsound, foreign], asked('/x/y'))).toBe('foreign')
  })

  it('closes what nothing else is for', () => {
    expect(find([one('broken', broken)], asked('/x', ['x-v', '1']))).toBe('config-invalid')
    expect(find([one('broken', broken)], asked('/x'))).toBe('no-route')
  })

  it('is closed by its query too', () => {
    const routes = [one('broken', prefix('/', { queryParams: [expression('n', '[')] })), one('rest', prefix('/'))]
    expect(find(routes, asked('/?n=1'))).toBe('config-invalid')
    expect(find(routes, asked('/?m=1'))).toBe('rest')
  })
})
