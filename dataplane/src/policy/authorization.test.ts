import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuthorizationRule, PathMatch, PrincipalCondition } from '@gatehouse/contract'
import { authorize, brokenGuard, compileAuthorization, type Asked, type PlacedPolicy } from './authorization.ts'
import { otherReadings } from './paths.ts'
import { ownHeaders, principal, ruleOf as rule, unexpressed } from './policyFixture.ts'
import type { Principal } from './principal.ts'
import { readyRule } from './readyRule.ts'

const prefix = (value: string): PathMatch => ({ type: 'PathPrefix', value })
const exact = (value: string): PathMatch => ({ type: 'Exact', value })
const role = (...values: string[]): PrincipalCondition => ({ attribute: 'Role', values: { anyOf: values } })
const tenant = (...values: string[]): PrincipalCondition => ({ attribute: 'Tenant', values: { anyOf: values } })
const anyone: PrincipalCondition = { attribute: 'Anyone' }
const authenticated: PrincipalCondition = { attribute: 'Authenticated' }

const placed = (rules: readonly AuthorizationRule[], level = 3, name = 'shop/p'): PlacedPolicy => ({
  policy: name,
  level,
  rules: rules.map((one) => readyRule(one, ownHeaders)),
})
const asked = (path = '/', method = 'GET', over: Partial<Asked> = {}): Asked => ({
  path,
  method,
  otherPaths: otherReadings(path),
  clientAddress: '192.0.2.1',
  certificate: null,
  ...unexpressed,
  ...over,
})

/** The name of the rule that decides, with a mark for what it decides. */
function decide(rules: readonly AuthorizationRule[], caller: Principal | null, request = asked()): string {
  const own = placed(rules)
  const found = authorize(compileAuthorization([own], own), request, caller)
  return found === null ? 'none' : found.name
}

const allow = rule('Allow', { principal: [anyone] })

describe('authorize (M4)', () => {
  it('refuses what no Allow matches', () => {
    expect(decide([], principal())).toBe('none')
    expect(decide([rule('Allow', { methods: ['POST'], principal: [anyone] })], principal())).toBe('none')
    expect(decide([rule('Allow', { paths: [exact('/x')], principal: [anyone] })], principal())).toBe('none')
  })

  it('takes the first Allow that matches', () => {
    const rules = [
      rule('Allow', { name: 'first', principal: [role('admin')] }),
      rule('Allow', { name: 'second', principal: [role('user')] }),
      rule('Allow', { name: 'third', principal: [anyone] }),
    ]
    expect(decide(rules, principal({ roles: ['user', 'admin'] }))).toBe('first')
    expect(decide(rules, principal({ roles: ['user'] }))).toBe('second')
    expect(decide(rules, null)).toBe('third')
  })

  it('puts every Deny and Require before any Allow, in whatever order they are written', () => {
    expect(decide([allow, rule('Deny', { principal: [role('banned')] })], principal({ roles: ['banned'] }))).toBe(
      'Deny',
    )
    expect(decide([allow, rule('Require', { principal: [role('user')] })], principal())).toBe('Require')
    expect(decide([allow, rule('Require', { principal: [role('user')] })], principal({ roles: ['user'] }))).toBe(
      'Allow',
    )
  })

  it('a Deny without conditions refuses everybody', () => {
    expect(decide([allow, rule('Deny')], principal())).toBe('Deny')
    expect(decide([allow, rule('Deny', { methods: ['DELETE'] })], principal())).toBe('Allow')
  })

  it('all conditions of a rule must hold', () => {
    const both = { principal: [role('a'), tenant('acme')] }
    expect(decide([rule('Allow', both)], principal({ roles: ['a'], tenant: 'acme' }))).toBe('Allow')
    expect(decide([rule('Allow', both)], principal({ roles: ['a'], tenant: 'other' }))).toBe('none')
    expect(decide([allow, rule('Deny', both)], principal({ roles: ['a'], tenant: 'other' }))).toBe('Allow')
    expect(decide([allow, rule('Deny', both)], principal({ roles: ['a'], tenant: 'acme' }))).toBe('Deny')
  })

  it.each(['GET', 'HEAD'])('GET in a list covers %s', (method) => {
    expect(decide([allow, rule('Deny', { methods: ['GET'] })], null, asked('/', method))).toBe('Deny')
    expect(decide([rule('Allow', { methods: ['GET'], principal: [anyone] })], null, asked('/', method))).toBe('Allow')
  })

  it('HEAD in a list is only HEAD', () => {
    expect(decide([allow, rule('Deny', { methods: ['HEAD'] })], null)).toBe('Allow')
  })
})

describe('facts that are lacking', () => {
  const lackingTenant = principal()
  it('count for a Deny and against all else', () => {
    expect(decide([allow, rule('Deny', { principal: [tenant('acme')] })], lackingTenant)).toBe('Deny')
    expect(decide([allow, rule('Require', { principal: [tenant('acme')] })], lackingTenant)).toBe('Require')
    expect(decide([rule('Allow', { principal: [tenant('acme')] })], lackingTenant)).toBe('none')
  })

  it('an empty list of roles is a fact', () => {
    expect(decide([allow, rule('Deny', { principal: [role('banned')] })], principal())).toBe('Allow')
    const scope: PrincipalCondition = { attribute: 'Scope', values: { allOf: ['x'] } }
    expect(decide([allow, rule('Deny', { principal: [scope] })], principal())).toBe('Allow')
  })

  it('an anonymous caller lacks everything', () => {
    const provider: PrincipalCondition = { attribute: 'Provider', values: { anyOf: ['x'] } }
    for (const condition of [role('x'), tenant('x'), provider]) {
      expect(decide([allow, rule('Deny', { principal: [condition] })], null)).toBe('Deny')
      expect(decide([allow, rule('Require', { principal: [condition] })], null)).toBe('Require')
      expect(decide([rule('Allow', { principal: [condition] })], null)).toBe('none')
    }
  })

  it('Authenticated and Anyone never lack', () => {
    expect(decide([allow, rule('Deny', { principal: [authenticated] })], null)).toBe('Allow')
    expect(decide([allow, rule('Deny', { principal: [authenticated] })], principal())).toBe('Deny')
    expect(decide([rule('Allow', { principal: [authenticated] })], null)).toBe('none')
    expect(decide([allow, rule('Require', { principal: [anyone] })], null)).toBe('Allow')
  })
})

describe('claims', () => {
  const claim = (values: readonly string[], all = false): PrincipalCondition => ({
    attribute: 'Claim',
    path: ['a', 'b'],
    values: all ? { allOf: [...values] } : { anyOf: [...values] },
  })
  const holding = (value: unknown) => principal({ claims: { a: { b: value } } })

  it.each<[string, unknown, PrincipalCondition, string, string]>([
    ['text', 'x', claim(['x']), 'Allow', 'Deny'],
    ['other text', 'y', claim(['x']), 'none', 'Allow'],
    ['list', ['y', 'x'], claim(['x']), 'Allow', 'Deny'],
    ['list with all', ['y', 'x'], claim(['x', 'y'], true), 'Allow', 'Deny'],
    ['list without all', ['x'], claim(['x', 'y'], true), 'none', 'Allow'],
    ['true', true, claim(['true']), 'Allow', 'Deny'],
    ['whole number', 7, claim(['7']), 'Allow', 'Deny'],
    ['empty list', [], claim(['x']), 'none', 'Allow'],
    ['fraction', 7.5, claim(['7.5']), 'none', 'Deny'],
    ['object', { x: 1 }, claim(['x']), 'none', 'Deny'],
    ['list with an object', ['x', {}], claim(['x']), 'none', 'Deny'],
    ['null', null, claim(['null']), 'none', 'Deny'],
    ['nothing', undefined, claim(['undefined']), 'none', 'Deny'],
  ])('%s', (...[, value, condition, allowed, denied]) => {
    expect(decide([rule('Allow', { principal: [condition] })], holding(value))).toBe(allowed)
    expect(decide([allow, rule('Deny', { principal: [condition] })], holding(value))).toBe(denied)
  })

  it('are own members only', () => {
    const inherited: PrincipalCondition = {
      attribute: 'Claim',
      path: ['constructor', 'name'],
      values: { anyOf: ['Object'] },
    }
    expect(decide([rule('Allow', { principal: [inherited] })], principal({ claims: {} }))).toBe('none')
  })
})

describe('levels (M5)', () => {
  const wide = placed([rule('Require', { name: 'wide', principal: [role('user')] })], 1, 'ops/wide')
  const narrow = placed([allow], 4)
  const both = compileAuthorization([wide, narrow], narrow)

  it('a check believes only a provider of its level or a wider one', () => {
    expect(authorize(both, asked(), principal({ level: 4, roles: ['user'] }))).toMatchObject({
      name: 'wide',
      policy: 'ops/wide',
    })
    expect(authorize(both, asked(), principal({ level: 1, roles: ['user'] }))).toMatchObject({ action: 'Allow' })
    expect(authorize(both, asked(), principal({ level: 0, roles: ['user'] }))).toMatchObject({ action: 'Allow' })
  })

  it('an unbelieved caller is not even authenticated', () => {
    const only = placed([rule('Require', { principal: [authenticated] })], 2)
    expect(authorize(compileAuthorization([only, narrow], narrow), asked(), principal({ level: 3 }))).toMatchObject({
      action: 'Require',
    })
  })

  it('the Allow rules of one policy decide', () => {
    const generous = placed([allow], 3)
    const strict = placed([rule('Allow', { principal: [role('admin')] })], 4)
    expect(authorize(compileAuthorization([generous, strict], strict), asked(), principal())).toBeNull()
  })
})

describe('broken rules (M7)', () => {
  const guard = (action: 'Deny' | 'Require') => {
    const own = placed([allow, rule(action, { broken: true, paths: [prefix('/admin')], methods: ['POST'] })])
    return compileAuthorization([own], own)
  }
  it.each(['Deny', 'Require'] as const)('a broken %s is met by what it is for', (action) => {
    expect(brokenGuard(guard(action), asked('/admin/x', 'POST'))).not.toBeNull()
    expect(brokenGuard(guard(action), asked('/admin/x', 'GET'))).toBeNull()
    expect(brokenGuard(guard(action), asked('/x', 'POST'))).toBeNull()
  })

  it('a broken Allow never matches', () => {
    expect(decide([{ ...allow, broken: true }], principal())).toBe('none')
  })
})

describe('paths', () => {
  const deny = (path: PathMatch, request: string) =>
    decide([allow, rule('Deny', { paths: [path] })], null, asked(request))

  it.each([
    [prefix('/admin'), '/admin', 'Deny'],
    [prefix('/admin'), '/admin/x', 'Deny'],
    [prefix('/admin/'), '/admin', 'Deny'],
    [prefix('/admin'), '/adminx', 'Allow'],
    [exact('/admin'), '/admin', 'Deny'],
    [exact('/admin'), '/admin/', 'Allow'],
    [prefix('/'), '/x', 'Deny'],
    [prefix('/admin'), '/admin;x=1', 'Deny'],
    [prefix('/admin'), '/admin;x=1/y', 'Deny'],
    [prefix('/a/b'), '/a;x/b;y/c', 'Deny'],
    [prefix('/admin'), '/admin%3Bx', 'Deny'],
    [prefix('/@admin'), '/%40admin', 'Deny'],
    [prefix('/%40admin'), '/@admin', 'Deny'],
    [prefix('/$meta'), '/%24meta', 'Deny'],
    [prefix('/m;v=1'), '/m;v=1/x', 'Deny'],
    [prefix('/admin'), '/x;/admin', 'Allow'],
  ])('a Deny of %j over %s: %s', (path, request, expected) => {
    expect(deny(path, request)).toBe(expected)
  })

  it('an Allow is for what is written', () => {
    const open = rule('Allow', { paths: [prefix('/@open')], principal: [anyone] })
    expect(decide([open], null, asked('/@open'))).toBe('Allow')
    expect(decide([open], null, asked('/%40open'))).toBe('none')
    expect(decide([open], null, asked('/@open;x'))).toBe('none')
  })
})

describe('a narrower policy (M2)', () => {
  const condition: fc.Arbitrary<PrincipalCondition> = fc.oneof(
    fc.constantFrom<PrincipalCondition>(anyone, authenticated),
    fc.constantFrom('a', 'b').map((name) => role(name)),
    fc.constantFrom('x', 'y').map((name) => tenant(name)),
  )
  const anyRule: fc.Arbitrary<AuthorizationRule> = fc.record({
    name: fc.constant('r'),
    action: fc.constantFrom('Deny' as const, 'Require' as const, 'Allow' as const),
    methods: fc.option(fc.constantFrom<string[]>(['GET'], ['POST'])),
    paths: fc.option(fc.constantFrom<PathMatch[]>([prefix('/a')], [exact('/b')])),
    principal: fc.array(condition, { maxLength: 2 }),
    expression: fc.constant(null),
    unless: fc.constant(null),
    broken: fc.boolean(),
  })
  const policy = (level: number) =>
    fc.array(anyRule, { maxLength: 4 }).map((rules) => placed(rules, level, `shop/${level}`))
  const caller = fc.option(
    fc.record({
      level: fc.constantFrom(3, 4),
      roles: fc.subarray(['a', 'b']),
      tenant: fc.option(fc.constantFrom('x', 'y')),
    }),
  )
  const request = fc.record({
    path: fc.constantFrom('/a', '/a/c', '/b'),
    method: fc.constantFrom('GET', 'HEAD', 'POST'),
  })

  it('never admits what the checks of a wider level refuse', () => {
    fc.assert(
      fc.property(policy(3), policy(4), caller, request, (wide, narrow, who, { path, method }) => {
        const principalOrNull = who === null ? null : principal(who)
        const open = placed([allow], 3)
        const alone = compileAuthorization([wide, open], open)
        const refusedBefore =
          brokenGuard(alone, asked(path, method)) !== null ||
          authorize(alone, asked(path, method), principalOrNull)?.action !== 'Allow'
        const joined = compileAuthorization([wide, narrow], narrow)
        const admittedAfter =
          brokenGuard(joined, asked(path, method)) === null &&
          authorize(joined, asked(path, method), principalOrNull)?.action === 'Allow'
        expect(refusedBefore && admittedAfter).toBe(false)
      }),
      { numRuns: 5000 },
    )
  })
})
