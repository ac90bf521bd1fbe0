import type { RuleMatch } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostTable, mostSpecific } from '../../dataplane/src/gateway/hostTable.ts'
import { candidate, type Asked, type Candidate } from '../../dataplane/src/gateway/candidate.ts'
import { findMatch, pathRouter } from '../../dataplane/src/gateway/pathRouter.ts'

interface Destination {
  readonly namespace: string
  readonly index: number
}

const segment = fc.constantFrom('a', 'b', 'ab', 'c')
const path = fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
const methods = fc.option(fc.uniqueArray(fc.constantFrom('GET', 'POST', 'HEAD'), { minLength: 1 }))
const header = fc.record({ name: fc.constantFrom('x-a', 'x-b'), value: fc.constantFrom('1', '2') })

const match: fc.Arbitrary<RuleMatch> = fc.record({
  path: fc.record({
    type: fc.constantFrom('Exact' as const, 'PathPrefix' as const),
    value: fc.tuple(path, fc.constantFrom('', '/')).map(([text, slash]) => (text === '/' ? text : text + slash)),
  }),
  methods,
  headers: fc.uniqueArray(header, { maxLength: 2, selector: ({ name }) => name }),
})

const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
  headers: fc
    .dictionary(fc.constantFrom('x-a', 'x-b'), fc.array(fc.constantFrom('1', '2'), { minLength: 1, maxLength: 2 }))
    .map((values) => new Map(Object.entries(values))),
})

/** The precedence of the Gateway API, written down without any index. */
function naive(
  candidates: readonly Candidate<Destination>[],
  wanted: string,
  { method, headers }: Asked,
): Candidate<Destination> | null {
  const bare = (text: string): string => (text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text)
  const fits = candidates.filter(
    ({
      match: {
        path: { type, value },
        ...rest
      },
    }) => {
      const prefix = bare(value)
      const byPath =
        type === 'Exact' ? value === wanted : prefix === '/' || wanted === prefix || wanted.startsWith(`${prefix}/`)
      const byMethod =
        rest.methods === null ||
        rest.methods.includes(method === 'HEAD' && !rest.methods.includes('HEAD') ? 'GET' : method)
      return byPath && byMethod && rest.headers.every(({ name, value: text }) => headers.get(name)?.join(', ') === text)
    },
  )
  const rank = ({
    match: {
      path: { type, value },
      methods: listed,
      headers: named,
    },
    seniority,
  }: Candidate<Destination>): number[] => [
    type === 'Exact' ? 0 : 1,
    -bare(value).length,
    listed === null ? 1 : 0,
    -named.length,
    seniority.created,
    seniority.order,
  ]
  const before = (a: number[], b: number[]): number =>
    a.map((part, index) => part - b[index]!).find((part) => part !== 0) ?? 0
  return fits.toSorted((a, b) => before(rank(a), rank(b)))[0] ?? null
}

describe('fuzz: the router', () => {
  it('finds what the precedence of the Gateway API says', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(match, fc.nat(2)), { maxLength: 12 }), path, asked, (matches, wanted, request) => {
        const candidates = matches.map(([one, created], index) =>
          candidate(one, { created, route: 'shop/r', order: index }, { namespace: 'shop', index }),
        )
        const found = findMatch(pathRouter(candidates), wanted, request, null)
        if (found === 'bad-path') throw new Error('no expression is among them')
        expect(found?.destination.index).toBe(naive(candidates, wanted, request)?.destination.index)
      }),
      { numRuns: 3000 },
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
