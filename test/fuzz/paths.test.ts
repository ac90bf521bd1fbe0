import type { AuthorizationRule, ResourceSpec } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BuiltGateway } from '../../dataplane/src/gateway/build.ts'
import { admit, gateway } from '../../dataplane/src/gateway/callerFixture.ts'
import { authorizationRule, match, policy, request, route, rule } from '../../dataplane/src/gateway/snapshotFixture.ts'

/** Random rules and paths: nobody behind the gateway sees another rule's path than the one that was decided about. */

type PathMatch = ResourceSpec<'route'>['rules'][number]['matches'][number]['path']
type Match = Pick<ResourceSpec<'route'>['rules'][number]['matches'][number], 'path' | 'methods'>

const everything: Match = { path: { type: 'PathPrefix', value: '/' }, methods: null }

type PathCondition = NonNullable<AuthorizationRule['paths']>[number]

const verb = fc.constantFrom('GET', 'POST')

const under = (segments: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(segments, { minLength: 1, maxLength }).map((all) => `/${all.join('/')}`)

const written = under(fc.constantFrom('a', 'a', 'b', 'A', '@a', 'a%20b', 'a;x', '%40a', 'a%3Bx'), 2)
const prefix = fc.oneof(fc.constant('/'), written)
const template = under(fc.constantFrom('{p}', '{p}', '{q}', 'a', '@a'), 2).filter((text) => !/(\{.\}).*\1/.test(text))
const regex = fc.constantFrom('/a', '/a/.*', '/@.*', '/[^/]+/b', '/a;.*', '/%40.*', '/[a-b]+', '/.*b')

const pathMatch: fc.Arbitrary<PathMatch> = fc.oneof(
  written.map((value) => ({ type: 'Exact' as const, value })),
  prefix.map((value) => ({ type: 'PathPrefix' as const, value })),
  template.map((value) => ({ type: 'Template' as const, value })),
  regex.map((value) => ({ type: 'RegularExpression' as const, value })),
)

const pathCondition: fc.Arbitrary<PathCondition> = fc.oneof(
  written.map((value) => ({ type: 'Exact' as const, value })),
  prefix.map((value) => ({ type: 'PathPrefix' as const, value })),
  template.map((value) => ({ type: 'Template' as const, value })),
)

/** One match a rule, so that the number of a match is that of its rule; mostly with one behind them that takes all. */
const matches: fc.Arbitrary<readonly Match[]> = fc
  .tuple(
    fc.array(fc.record({ path: pathMatch, methods: fc.option(verb.map((name) => [name])) }), {
      minLength: 1,
      maxLength: 6,
    }),
    fc.boolean(),
  )
  .map(([all, open]) => (open ? [...all, everything] : all))

const expressions = fc.constantFrom(
  'request.path == "/a"',
  'request.path.startsWith("/@a")',
  'request.pathParams.p == "a"',
  'request.path.endsWith("b")',
)

const guard: fc.Arbitrary<Partial<AuthorizationRule>> = fc.oneof(
  fc.array(pathCondition, { minLength: 1, maxLength: 2 }).map((paths) => ({ paths })),
  fc.record({ expression: expressions, paths: fc.option(fc.array(pathCondition, { minLength: 1, maxLength: 2 })) }),
)

/** Mostly sound; the property that no unsound path gets through is that of request.test.ts. */
const sent = under(
  fc.oneof(
    fc.constantFrom('a', 'a', 'b', 'A', '@a', '%40a', '%61', '%2540a', 'a;x', 'a%3bx', 'a%20b', 'a%3Bx;y', 'b;'),
    fc
      .array(fc.constantFrom('a', 'b', '@', '%40', '%25', ';', '%3B', '%20', '%c3', '=', '.'), { maxLength: 3 })
      .map((all) => all.join('')),
  ),
  3,
)

function gatewayOf(all: readonly Match[], guards: readonly Partial<AuthorizationRule>[]): BuiltGateway {
  const rules = all.map((over, index) => rule({ name: `rule-${index}`, matches: [match('/', over)] }))
  const denies = guards.map((over, index) => authorizationRule('Deny', { name: `deny-${index}`, ...over }))
  return gateway(policy({ rules: [...denies, authorizationRule('Allow')] }), route({ rules }))
}

/** What was decided, by which rule, and what of the target a backend gets to see; null = nothing. */
async function said(built: BuiltGateway, target: string, method: string) {
  const decision = await admit(built, request(target, [], { method }))
  const [code, judgement, seen] =
    decision.outcome === 'permit'
      ? [null, decision.content.judgement, decision.content.facts]
      : [decision.outcome === 'refusal' ? decision.code : null, decision.judgement, null]
  return { code, ...judgement, seen: seen === null ? null : seen.path + seen.query }
}

const decoded = (path: string): string =>
  path
    .replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/[^\w~!$&'()*+,;=:@./-]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

const withoutParameters = (path: string): string => path.replaceAll(/;[^/]*/g, '')

/** How backends may read a path that decode it once, or drop path parameters, or do both, in either order. */
const readings = (path: string): readonly string[] => [
  path,
  decoded(path),
  withoutParameters(path),
  withoutParameters(decoded(path)),
  decoded(withoutParameters(path)),
]

const elements = (text: string): number => text.split('/').filter((part) => part !== '' && !part.startsWith('{')).length
const bare = (text: string): string => (text.endsWith('/') ? text.slice(0, -1) : text)
const pattern = (text: string): RegExp => new RegExp(`^(?:${text.replaceAll(/\{.\}/g, '[^/]+')})$`)

const isMet = ({ type, value }: PathMatch, path: string): boolean =>
  type === 'Exact'
    ? path === value
    : type === 'PathPrefix'
      ? `${path}/`.startsWith(`${bare(value)}/`)
      : pattern(value).test(path)

const kinds = ['Exact', 'Template', 'PathPrefix', 'RegularExpression']
const length = ({ type, value }: PathMatch): number =>
  type === 'Exact' ? 0 : type === 'Template' ? elements(value) : bare(value).length

/** The precedence of the Gateway API. @returns the number of the rule; undefined = none */
function naive(all: readonly Match[], path: string, method: string): number | undefined {
  const fitting = all.flatMap((one, index) =>
    isMet(one.path, path) && (one.methods?.includes(method) ?? true) ? [{ ...one, index }] : [],
  )
  const [first] = fitting.toSorted(
    (a, b) =>
      kinds.indexOf(a.path.type) - kinds.indexOf(b.path.type) ||
      length(b.path) - length(a.path) ||
      Number(a.methods === null) - Number(b.methods === null) ||
      a.index - b.index,
  )
  return first?.index
}

/** Its author wrote escapes or parameters, and means exactly them. */
const isLiteral = ({ type, value }: PathMatch): boolean =>
  type !== 'RegularExpression' && /;|%[2-4][^0]|%40/.test(value)

const inPlain = ({ path, methods }: Match): Match => ({
  path: isLiteral(path) ? { ...path, value: decoded(path.value) } : path,
  methods,
})

describe('fuzz: paths that are decided about', () => {
  it('are those that a backend sees: asked for what it saw, the gateway decides the same', async () => {
    let permitted = 0
    await fc.assert(
      fc.asyncProperty(matches, fc.array(guard, { maxLength: 3 }), sent, verb, async (all, guards, target, method) => {
        const built = gatewayOf(all, guards)
        const first = await said(built, `${target}?${target}`, method)
        if (first.seen === null) return
        permitted += 1
        expect(await said(built, first.seen, method)).toEqual(first)
      }),
      { numRuns: 2000 },
    )
    expect(permitted).toBeGreaterThan(400)
  })

  it('lead to the rule that the precedence of the Gateway API names', async () => {
    await fc.assert(
      fc.asyncProperty(matches, sent, verb, async (all, target, method) => {
        const { seen, rule: by } = await said(gatewayOf(all, []), target, method)
        if (seen !== null) expect(by).toBe(`rule-${naive(all, seen, method)}`)
      }),
      { numRuns: 2000 },
    )
  })

  it('lead a backend that reads them more loosely to no other rule', async () => {
    let told = 0
    await fc.assert(
      fc.asyncProperty(matches, sent, verb, async (all, target, method) => {
        const { seen, rule: by } = await said(gatewayOf(all, []), target, method)
        const own = seen === null ? undefined : naive(all, seen, method)
        if (seen === null || own === undefined || isLiteral(all[own]!.path)) return
        const others = readings(seen).map((path) => naive(all, path, method) ?? own)
        if (new Set(readings(seen)).size > 1) told += 1
        expect(others.map((index) => `rule-${index}`)).toEqual(others.map(() => by))
      }),
      { numRuns: 3000 },
    )
    expect(told).toBeGreaterThan(200)
  })

  it('lead past no rule whose author wrote the same path in escapes', async () => {
    await fc.assert(
      fc.asyncProperty(matches, sent, verb, async (all, target, method) => {
        const { seen, rule: by } = await said(gatewayOf(all, []), target, method)
        if (seen === null || !all.some(({ path }) => isLiteral(path))) return
        const own = Number(by?.slice('rule-'.length))
        const other = naive(all.map(inPlain), decoded(seen), method) ?? own
        // Of two that come to one path the author told them apart.
        if (inPlain(all[own]!).path.value !== inPlain(all[other]!).path.value) expect(other).toBe(own)
      }),
      { numRuns: 3000 },
    )
  })

  it('evade no Deny by being written in another way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pathCondition, { minLength: 1, maxLength: 4 }), sent, async (paths, target) => {
        const { seen } = await said(gatewayOf([everything], [{ paths }]), target, 'GET')
        const evaded = paths.filter((one) => seen !== null && readings(seen).some((path) => isMet(one, path)))
        expect(evaded).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })
})
