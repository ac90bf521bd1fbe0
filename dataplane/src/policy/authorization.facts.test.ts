import { describe, expect, it } from 'vitest'
import type { AuthorizationRule, PrincipalCondition } from '@gatehouse/contract'
import type { ClientCertificate } from '../gateway/facts.ts'
import { authorize, compileAuthorization, wantedTrust, type Asked } from './authorization.ts'
import { ownHeaders, principal, ruleOf as rule, unexpressed } from './policyFixture.ts'
import type { Principal } from './principal.ts'
import { readyRule } from './readyRule.ts'

const anyone = rule('Allow', { name: 'anyone', principal: [{ attribute: 'Anyone' }] })
const exception = (over: Partial<NonNullable<AuthorizationRule['unless']>>) => ({
  sourceCIDRs: null,
  principal: null,
  expression: null,
  ...over,
})

const asked = (over: Partial<Asked> = {}): Asked => ({
  method: 'GET',
  path: '/',
  otherPaths: [],
  clientAddress: '192.0.2.1',
  certificate: null,
  ...unexpressed,
  ...over,
})
const certificate: ClientCertificate = {
  fingerprint: 'f'.repeat(64),
  notAfter: 4_000_000_000_000,
  uris: ['spiffe://cluster.local/ns/shop/sa/web'],
  dnsNames: ['web.shop.mesh'],
  emails: [],
  addresses: [],
  anchor: 'a'.repeat(64),
}

function decide(rules: readonly AuthorizationRule[], who: Principal | null, request = asked()): string {
  const own = { policy: 'shop/p', level: 3, rules: rules.map((one) => readyRule(one, ownHeaders)) }
  return authorize(compileAuthorization([own], own), request, who)?.name ?? 'none'
}

/** What a condition comes to in each of the four places where it can stand. */
function places(condition: PrincipalCondition, who: Principal | null, request = asked()) {
  const conditions = [condition]
  return {
    denies: decide([rule('Deny', { principal: conditions }), anyone], who, request) === 'Deny',
    allows: decide([rule('Allow', { principal: conditions })], who, request) === 'Allow',
    satisfies: decide([rule('Require', { principal: conditions }), anyone], who, request) === 'anyone',
    excepts:
      decide([rule('Deny', { unless: exception({ principal: conditions }) }), anyone], who, request) === 'anyone',
  }
}
const holds = { denies: true, allows: true, satisfies: true, excepts: true }
const fails = { denies: false, allows: false, satisfies: false, excepts: false }
const lacks = { denies: true, allows: false, satisfies: false, excepts: false }

const any = (attribute: 'Role' | 'Scope' | 'Group' | 'Tenant' | 'Plan' | 'Provider'): PrincipalCondition => ({
  attribute,
  values: { anyOf: ['x'] },
})
const claim: PrincipalCondition = { attribute: 'Claim', path: ['team'], values: { anyOf: ['x'] } }
const trusted: PrincipalCondition = { attribute: 'TrustLevel', min: 2 }
const named: PrincipalCondition = {
  attribute: 'ClientCertificate',
  subjectAltNames: [{ type: 'URI', pattern: 'spiffe://cluster.local/ns/shop/sa/*' }],
}

describe('each attribute (M4)', () => {
  it.each<[string, PrincipalCondition, Principal]>([
    ['Role', any('Role'), principal({ roles: ['y', 'x'] })],
    ['Scope', any('Scope'), principal({ scopes: ['x'] })],
    ['Group', any('Group'), principal({ groups: ['x'] })],
    ['Tenant', any('Tenant'), principal({ tenant: 'x' })],
    ['Plan', any('Plan'), principal({ plan: 'x' })],
    ['Provider', any('Provider'), principal({ provider: 'x' })],
    ['Claim', claim, principal({ claims: { team: 'x' } })],
    ['TrustLevel', trusted, principal({ trustLevel: 2 })],
    ['Authenticated', { attribute: 'Authenticated' }, principal()],
    ['Anyone', { attribute: 'Anyone' }, principal()],
  ])('%s holds', (_, condition, who) => {
    expect(places(condition, who)).toEqual(holds)
  })

  it.each<[string, PrincipalCondition, Principal]>([
    ['Role', any('Role'), principal({ roles: ['y'] })],
    ['an empty list of roles', any('Role'), principal()],
    ['an empty list of scopes', any('Scope'), principal()],
    ['an empty list of groups', any('Group'), principal()],
    ['Tenant', any('Tenant'), principal({ tenant: 'y' })],
    ['Plan', any('Plan'), principal({ plan: 'y' })],
    ['Provider', any('Provider'), principal({ provider: 'y' })],
    ['Claim', claim, principal({ claims: { team: 'y' } })],
    ['TrustLevel', trusted, principal({ trustLevel: 1 })],
  ])('%s does not hold', (_, condition, who) => {
    expect(places(condition, who)).toEqual(fails)
  })

  it.each<[string, PrincipalCondition]>([
    ['Tenant', any('Tenant')],
    ['Plan', any('Plan')],
    ['Claim', claim],
    ['TrustLevel', trusted],
  ])('%s that is lacking is true in a Deny and false elsewhere', (_, condition) => {
    expect(places(condition, principal())).toEqual(lacks)
  })

  it.each<[string, PrincipalCondition]>([
    ...(['Role', 'Scope', 'Group', 'Tenant', 'Plan', 'Provider'] as const).map((name): [string, PrincipalCondition] => [
      name,
      any(name),
    ]),
    ['Claim', claim],
    ['TrustLevel', trusted],
  ])('an anonymous or unbelieved caller lacks %s', (_, condition) => {
    expect(places(condition, null)).toEqual(lacks)
    expect(places(condition, principal({ level: 4, roles: ['x'], trustLevel: 9, plan: 'x' }))).toEqual(lacks)
  })

  it('Authenticated is false, and Anyone true, of an anonymous caller', () => {
    expect(places({ attribute: 'Authenticated' }, null)).toEqual(fails)
    expect(places({ attribute: 'Anyone' }, null)).toEqual(holds)
  })

  it.each<[string, Principal | null]>([
    ['an anonymous caller', null],
    ['a caller whom another provider verified', principal()],
    ['a caller of a narrower provider', principal({ level: 4 })],
  ])('ClientCertificate is of the connection, for %s', (_, who) => {
    expect(places(named, who, asked({ certificate }))).toEqual(holds)
    expect(
      places(named, who, asked({ certificate: { ...certificate, uris: ['spiffe://evil/ns/shop/sa/web'] } })),
    ).toEqual(fails)
    expect(places(named, who, asked({ certificate: { ...certificate, uris: [] } }))).toEqual(fails)
    expect(places(named, who)).toEqual(lacks)
  })

  it('a name of one type does not fit a pattern of another', () => {
    const dns: PrincipalCondition = {
      attribute: 'ClientCertificate',
      subjectAltNames: [{ type: 'DNS', pattern: 'web.shop.mesh' }],
    }
    const uriOnly = { ...certificate, dnsNames: [], uris: ['web.shop.mesh'] }
    expect(places(dns, null, asked({ certificate }))).toEqual(holds)
    expect(places(dns, null, asked({ certificate: uriOnly }))).toEqual(fails)
  })
})

describe('unless', () => {
  const denied = (unless: ReturnType<typeof exception>, who: Principal | null, address: string): boolean =>
    decide([rule('Deny', { unless }), anyone], who, asked({ clientAddress: address })) === 'Deny'

  it.each([
    ['203.0.113.7', false],
    ['203.0.114.7', true],
    ['2001:db8::1', false],
    ['2001:db9::1', true],
    ['not an address', true],
  ])('takes %s out by its address: %s', (address, expected) => {
    expect(denied(exception({ sourceCIDRs: ['203.0.113.0/24', '2001:db8::/32'] }), null, address)).toBe(expected)
  })

  it('needs all that is written', () => {
    const both = exception({ sourceCIDRs: ['203.0.113.0/24'], principal: [any('Role')] })
    expect(denied(both, principal({ roles: ['x'] }), '203.0.113.7')).toBe(false)
    expect(denied(both, principal({ roles: ['x'] }), '192.0.2.1')).toBe(true)
    expect(denied(both, principal(), '203.0.113.7')).toBe(true)
    expect(denied(both, null, '203.0.113.7')).toBe(true)
  })

  it('with a range that cannot be read breaks its rule', () => {
    expect(
      readyRule(rule('Deny', { unless: exception({ sourceCIDRs: ['::ffff:10.0.0.0/8'] }) }), ownHeaders).broken,
    ).toBe(true)
  })
})

describe('wantedTrust (RFC 9470)', () => {
  const wanted = (rules: readonly AuthorizationRule[], who: Principal): number | null => {
    const own = { policy: 'shop/p', level: 3, rules: rules.map((one) => readyRule(one, ownHeaders)) }
    const compiled = compileAuthorization([own], own)
    return wantedTrust(compiled, authorize(compiled, asked(), who), asked(), who)
  }
  const needs = (min: number, ...more: PrincipalCondition[]) => ({
    principal: [{ attribute: 'TrustLevel', min } as const, ...more],
  })

  it.each<[string, AuthorizationRule[], Principal, number | null]>([
    ['a Require that only trust fails', [rule('Require', needs(2)), anyone], principal({ trustLevel: 1 }), 2],
    ['a Require whose trust is lacking', [rule('Require', needs(2)), anyone], principal(), 2],
    ['an Allow that only trust fails', [rule('Allow', needs(3))], principal({ trustLevel: 1 }), 3],
    ['the lowest of two Allow rules', [rule('Allow', needs(3)), rule('Allow', needs(2))], principal(), 2],
    ['the highest of two conditions', [rule('Allow', needs(2, { attribute: 'TrustLevel', min: 5 }))], principal(), 5],
    ['a Require that a role fails too', [rule('Require', needs(2, any('Role'))), anyone], principal(), null],
    ['an Allow that a role fails too', [rule('Allow', needs(2, any('Role')))], principal(), null],
    ['an Allow for another method', [rule('Allow', { ...needs(2), methods: ['POST'] })], principal(), null],
    ['a Deny', [rule('Deny', needs(2)), anyone], principal({ trustLevel: 2 }), null],
    ['a Require without trust', [rule('Require', { principal: [any('Role')] }), anyone], principal(), null],
    ['a caller whom the rule does not believe', [rule('Require', needs(2)), anyone], principal({ level: 4 }), null],
  ])('%s', (...[, rules, who, expected]) => {
    expect(wanted(rules, who)).toBe(expected)
  })
})
