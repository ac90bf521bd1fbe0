import type { RuleMatch } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostTable, mostSpecific } from '../../dataplane/src/gateway/hostTable.ts'
import { candidate, type Candidate } from '../../dataplane/src/gateway/candidate.ts'
import { findMatch, pathRouter } from '../../dataplane/src/gateway/pathRouter.ts'
import { atOnce } from '../../dataplane/src/slices.ts'
import { searchFor, type Asked } from '../../dataplane/src/gateway/search.ts'

interface Destination {
  readonly namespace: string
  readonly index: number
}

type Path = RuleMatch['path']

const segment = fc.constantFrom('a', 'b', 'ab', 'c')
const path = fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
const plainPath: fc.Arbitrary<Path> = fc.record({
  type: fc.constantFrom('Exact' as const, 'PathPrefix' as const),
  value: fc.tuple(path, fc.constantFrom('', '/')).map(([text, slash]) => (text === '/' ? text : text + slash)),
})
const templatePath: fc.Arbitrary<Path> = fc
  .array(fc.oneof(segment, fc.constant(null)), { minLength: 1, maxLength: 3 })
  .map((parts) => ({ type: 'Template', value: `/${parts.map((part, i) => part ?? `{p${i}}`).join('/')}` }))
const expressionPath: fc.Arbitrary<Path> = fc
  .constantFrom('/.*', '/a.*', '/(a|b)(/.*)?', '/[^/]+', '/[^/]+/[^/]+', '/ab?/c')
  .map((value) => ({ type: 'RegularExpression', value }))

const methods = fc.option(fc.uniqueArray(fc.constantFrom('GET', 'POST', 'HEAD'), { minLength: 1 }))
const values = (first: string, second: string): fc.Arbitrary<RuleMatch['headers']> =>
  fc.uniqueArray(
    fc.oneof(
      fc.record({
        name: fc.constantFrom(first, second),
        type: fc.constant('Exact' as const),
        value: fc.constantFrom('1', '2', '1, 2'),
      }),
      fc.record({
        name: fc.constantFrom(first, second),
        type: fc.constant('RegularExpression' as const),
        value: fc.constantFrom('[12]', '.*', '2+', '1(, 1)?'),
      }),
    ),
    { maxLength: 2, selector: ({ name }) => name },
  )

const match: fc.Arbitrary<RuleMatch> = fc.record({
  path: fc.oneof(plainPath, plainPath, templatePath, expressionPath),
  methods,
  headers: values('x-a', 'x-b'),
  queryParams: values('p', 'q'),
})

const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
  headers: fc
    .dictionary(fc.constantFrom('x-a', 'x-b'), fc.array(fc.constantFrom('1', '2'), { minLength: 1, maxLength: 2 }))
    .map((all) => new Map(Object.entries(all))),
  query: fc
    .array(fc.tuple(fc.constantFrom('p', 'q', 'other'), fc.constantFrom('1', '2', '22', '3')), { maxLength: 3 })
    .map((all) => `?${new URLSearchParams(all).toString()}`),
})

const bare = (text: string): string => (text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text)

function fitsPath({ type, value }: Path, wanted: string): boolean {
  if (type === 'Exact') return value === wanted
  if (type === 'Template') return new RegExp(`^${value.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(wanted)
  if (type === 'RegularExpression') return new RegExp(`^(?:${value})$`).test(wanted)
  const prefix = bare(value)
  return prefix === '/' || wanted === prefix || wanted.startsWith(`${prefix}/`)
}

/** Whether some reader would say that a value fits who takes one, or all as one. */
function fitsValue({ type, value }: RuleMatch['headers'][number], all: readonly string[], separator: string): boolean {
  const readings = all.length > 1 ? [...all, all.join(separator)] : all
  return readings.some((text) => (type === 'Exact' ? text === value : new RegExp(`^(?:${value})$`).test(text)))
}

function fits({ path: wantedPath, methods: listed, headers, queryParams }: RuleMatch, at: string, is: Asked): boolean {
  const query = new URLSearchParams(is.query)
  return (
    fitsPath(wantedPath, at) &&
    (listed === null || listed.includes(is.method) || (is.method === 'HEAD' && listed.includes('GET'))) &&
    headers.every((one) => fitsValue(one, is.headers.get(one.name) ?? [], ', ')) &&
    queryParams.every((one) => fitsValue(one, query.getAll(one.name), ','))
  )
}

/** More literal elements, more characters: the larger is the more specific. */
const specificity = ({ type, value }: Path): number =>
  type === 'Template' ? value.split('/').filter((part) => !part.startsWith('{')).length : bare(value).length

/** The precedence of the Gateway API, written down without any index. */
function naive(
  candidates: readonly Candidate<Destination>[],
  wanted: string,
  is: Asked,
): Candidate<Destination> | undefined {
  const rank = ({ match: one, seniority }: Candidate<Destination>): number[] => [
    ['Exact', 'Template', 'PathPrefix', 'RegularExpression'].indexOf(one.path.type),
    -specificity(one.path),
    one.methods === null ? 1 : 0,
    -one.headers.length,
    -one.queryParams.length,
    seniority.created,
    Number(seniority.route.split('/')[1]),
    seniority.order,
  ]
  const before = (a: number[], b: number[]): number =>
    a.map((part, index) => part - b[index]!).find((part) => part !== 0) ?? 0
  return candidates.filter((one) => fits(one.match, wanted, is)).toSorted((a, b) => before(rank(a), rank(b)))[0]
}

describe('fuzz: the router', () => {
  it('finds what the precedence of the Gateway API says, across rules and routes', () => {
    const routes = fc.array(fc.tuple(match, fc.nat(2), fc.nat(3)), { maxLength: 12 })
    fc.assert(
      fc.property(routes, path, asked, (matches, wanted, request) => {
        const candidates = matches.map(([one, created, route], index) =>
          candidate(one, { created, route: `shop/${route}`, order: index }, { namespace: 'shop', index }),
        )
        const found = findMatch(atOnce(pathRouter(candidates)), wanted, searchFor(request, null))
        expect(found?.destination.index).toBe(naive(candidates, wanted, request)?.destination.index)
      }),
      { numRuns: 5000 },
    )
  })

  it('takes the most specific host', () => {
    const label = fc.constantFrom('a', 'b', 'x')
    const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
    const pattern = fc.tuple(fc.boolean(), host).map(([wild, name]) => (wild ? `*.${name}` : name))
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 8 }), host, (patterns, wanted) => {
        const covers = patterns.filter((one) => (one.startsWith('*.') ? wanted.endsWith(one.slice(1)) : wanted === one))
        const best = covers.toSorted(
          (a, b) => Number(a.startsWith('*')) - Number(b.startsWith('*')) || b.length - a.length,
        )[0]
        expect(mostSpecific(hostTable(patterns.map((one) => [one, one])), wanted)).toBe(best ?? null)
      }),
      { numRuns: 2000 },
    )
  })
})
