import { describe, expect, it } from 'vitest'
import type { AuthorizationRule, PathMatch } from '@gatehouse/contract'
import { templateOf } from '@gatehouse/language/template'
import type { RequestFacts } from '../gateway/facts.ts'
import { authorize, brokenGuard, compileAuthorization, walkRules, type Asked } from './authorization.ts'
import { otherReadings } from './paths.ts'
import { ownHeaders, principal, requestFacts, ruleOf as rule, unexpressed } from './policyFixture.ts'
import type { Principal } from './principal.ts'
import { readyRule } from './readyRule.ts'

const anyone = rule('Allow', { name: 'anyone', principal: [{ attribute: 'Anyone' }] })

interface Sent extends Partial<Pick<RequestFacts, 'path' | 'method' | 'query'>> {
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly template?: string
  readonly credentials?: Partial<Asked['credentials']>
}

function asked({ path = '/', method = 'GET', query = '', headers = {}, template, credentials }: Sent): Asked {
  return {
    ...unexpressed,
    method,
    path,
    otherPaths: otherReadings(path),
    clientAddress: '192.0.2.1',
    certificate: null,
    facts: requestFacts({ path, method, query, headers: new Map(Object.entries(headers)) }),
    template: template === undefined ? null : templateOf(template),
    credentials: { ...unexpressed.credentials, ...credentials },
  }
}

const compiled = (rules: readonly AuthorizationRule[]) => {
  const own = { policy: 'shop/p', level: 3, rules: rules.map((one) => readyRule(one, ownHeaders)) }
  return compileAuthorization([own], own)
}
const decide = (rules: readonly AuthorizationRule[], sent: Sent, who: Principal | null): string =>
  authorize(compiled(rules), asked(sent), who)?.name ?? 'none'

/** What an expression comes to in each of the four places where it can stand. */
function places(expression: string, sent: Sent = {}, who: Principal | null = principal()) {
  const unless = { sourceCIDRs: null, principal: null, expression }
  return {
    denies: decide([rule('Deny', { expression }), anyone], sent, who) === 'Deny',
    allows: decide([rule('Allow', { expression })], sent, who) === 'Allow',
    satisfies: decide([rule('Require', { expression }), anyone], sent, who) === 'anyone',
    excepts: decide([rule('Deny', { unless }), anyone], sent, who) === 'anyone',
  }
}
const holds = { denies: true, allows: true, satisfies: true, excepts: true }
const fails = { denies: false, allows: false, satisfies: false, excepts: false }
const lacks = { denies: true, allows: false, satisfies: false, excepts: false }

describe('expressions (M4)', () => {
  it('decide in what is told to people as they do in each request', () => {
    const rules = [rule('Allow', { expression: "request.path == '/other'" }), anyone]
    const walked = walkRules(compiled(rules), asked({}), principal())
    expect(walked.map(({ outcome }) => outcome)).toEqual(['not-held', 'permitted'])
  })

  it.each<[string, Sent, Principal | null, object]>([
    ['request.method == "GET"', {}, null, holds],
    ['request.method == "POST"', {}, null, fails],
    ['request.host == "api.example" && request.scheme == "https"', {}, null, holds],
    ['request.sourceIP == "192.0.2.1"', {}, null, holds],
    ['principal.tenant == "acme"', {}, principal({ tenant: 'acme' }), holds],
    ['principal.tenant == "acme"', {}, principal({ tenant: 'other' }), fails],
    ['principal.tenant == "acme"', {}, principal(), lacks],
    ['principal.tenant == "acme"', {}, null, lacks],
    ['principal.tenant != "acme"', {}, null, lacks],
    ['principal.tenant == "acme"', {}, principal({ tenant: 'acme', level: 4 }), lacks],
    ['has(principal.tenant)', {}, principal(), fails],
    ['principal.roles.exists(r, r == "a")', {}, principal(), fails],
    ['principal.roles.exists(r, r == "a")', {}, null, lacks],
    ['principal.trustLevel >= 2', {}, principal({ trustLevel: 2 }), holds],
    ['principal.trustLevel >= 2', {}, principal(), lacks],
    ['principal.claims.a.b == 1', {}, principal({ claims: { a: { b: 1 } } }), holds],
    ['principal.claims.a.b == 1', {}, principal({ claims: { a: {} } }), lacks],
    ['principal.claims.a.b == 1', {}, principal({ claims: { a: 'text' } }), lacks],
    ['principal.subject == "ada" && principal.issuer == "https://idp"', {}, principal(), holds],
    ['connection.certificateURIs.size() > 0', {}, principal(), lacks],
    ['!has(connection.certificateURIs)', {}, null, holds],
  ])('%s with %j', (...[expression, sent, who, expected]) => {
    expect(places(expression, sent, who)).toEqual(expected)
  })

  it('beyond their budget are as if a fact were lacking', () => {
    const roles = Array.from({ length: 1000 }, (_, i) => String(i))
    const expression = 'principal.roles.exists(a, principal.roles.exists(b, a + b == "x"))'
    expect(places(expression, {}, principal({ roles }))).toEqual(lacks)
  })

  it('that are none break their rule', () => {
    for (const broken of [
      rule('Deny', { expression: 'request.nothing' }),
      rule('Deny', { unless: { sourceCIDRs: null, principal: null, expression: '1' } }),
    ]) {
      expect(brokenGuard(compiled([broken, anyone]), asked({}))).not.toBeNull()
    }
    expect(decide([rule('Allow', { expression: 'request.nothing' })], {}, null)).toBe('none')
  })
})

describe('headers in expressions', () => {
  const deny = 'request.headers["x-mode"] == "evil"'
  it.each<[string, readonly string[] | undefined, object]>([
    ['the value', ['evil'], holds],
    ['another value', ['good'], fails],
    ['none', undefined, lacks],
    ['a repeated line with it last (CVE-2026-26308)', ['good', 'evil'], lacks],
    ['a repeated line with it first (CVE-2021-32777)', ['evil', 'good'], lacks],
  ])('%s', (_, values, expected) => {
    expect(places(deny, { headers: values === undefined ? {} : { 'x-mode': values } })).toEqual(expected)
  })

  it('are found by their name in any case', () => {
    expect(
      places('request.headers["X-Mode"] == "a" && "X-MODE" in request.headers', { headers: { 'x-mode': ['a'] } }),
    ).toEqual(holds)
  })

  it.each(['x-forwarded-for', 'x-original-url', 'x-gatehouse-subject', 'x_gatehouse_subject', 'x-real-ip'])(
    'that only the gateway writes cannot be asked for: %s (M10, CVE-2023-27487)',
    (name) => {
      const sent = { headers: { [name]: ['admin'] } }
      expect(places(`request.headers["${name}"] == "admin"`, sent)).toEqual(lacks)
      expect(places(`"${name}" in request.headers`, sent)).toEqual(lacks)
    },
  )

  it('that hold credentials cannot be asked for, whether they are there or not (M10)', () => {
    const credentials = { headers: ['x-api-key'], parameters: ['token'] }
    for (const sent of [{ credentials }, { credentials, headers: { 'x-api-key': ['k'] }, query: '?token=k' }]) {
      expect(places('"x-api-key" in request.headers', sent)).toEqual(lacks)
      expect(places('has(request.query.token)', sent)).toEqual(lacks)
    }
  })
})

describe('query parameters in expressions', () => {
  it.each<[string, string, object]>([
    ['request.query.mode == "a b"', '?mode=a%20b', holds],
    ['request.query.mode == "a b"', '?x=1&m%6fde=a+b', holds],
    ['request.query.mode == "a"', '', lacks],
    ['request.query.mode == "a"', '?mode=a&mode=b', lacks],
    ['request.query.mode == "a"', '?mode=b&%6dode=a', lacks],
    ['request.query.mode == "a"', '?mode=%zz', lacks],
    ['request.query.mode == "a"', '?mode=a&%zz=1', lacks],
    ['request.query.mode == "%41"', '?mode=%2541', holds],
    ['has(request.query.mode)', '?Mode=a', fails],
  ])('%s with %s', (expression, query, expected) => {
    expect(places(expression, { query })).toEqual(expected)
  })
})

describe('path parameters', () => {
  const template = '/orders/{tenant}/{id}'
  const own = 'principal.tenant == request.pathParams.tenant'
  const acme = principal({ tenant: 'acme' })

  it.each<[string, object]>([
    ['/orders/acme/7', holds],
    ['/orders/other/7', fails],
    ['/orders/Acme/7', fails],
    ['/orders/acme;x=1/7', lacks],
    ['/orders/acme%3Bx/7', lacks],
    ['/orders/other;x/7', fails],
  ])('%s (OWASP API1)', (path, expected) => {
    expect(places(own, { path, template }, acme)).toEqual(expected)
  })

  it.each([
    ['a%20b', 'a b'],
    ['caf%C3%A9', 'café'],
    ['a%2525', 'a%25'],
    ['%252f', '%2f'],
    ['a@b', 'a@b'],
  ])('%s is decoded once: %s', (segment, text) => {
    expect(places(own, { path: `/orders/${segment}/7`, template }, principal({ tenant: text }))).toEqual(holds)
  })

  it('that are no UTF-8 are lacking', () => {
    expect(places(own, { path: '/orders/%FF/7', template }, principal({ tenant: '\ufffd' }))).toEqual(lacks)
  })

  it('are lacking where no template gives them', () => {
    expect(places(own, { path: '/orders/acme/7' }, acme)).toEqual(lacks)
  })

  it('are also named by the template of the rule', () => {
    const paths: PathMatch[] = [
      { type: 'Template', value: '/orders/{tenant}' },
      { type: 'Template', value: '/invoices/{year}/{tenant}' },
    ]
    const allow = rule('Allow', { paths, expression: own })
    expect(decide([allow], { path: '/orders/acme' }, acme)).toBe('Allow')
    expect(decide([allow], { path: '/invoices/2026/acme' }, acme)).toBe('Allow')
    expect(decide([allow], { path: '/invoices/acme/2026' }, acme)).toBe('none')
  })

  it('of which a rule gives the name to another element break the rule', () => {
    const swapped = rule('Deny', { paths: [{ type: 'Template', value: '/orders/{id}/{tenant}' }] })
    const placed = { policy: 'shop/p', level: 3, rules: [readyRule(swapped, ownHeaders)] }
    expect(compileAuthorization([placed], placed, [templateOf(template)]).broken).toHaveLength(1)
    expect(compileAuthorization([placed], placed, [templateOf('/orders/{x}/{y}')]).broken).toHaveLength(0)
    expect(compileAuthorization([placed], placed, [templateOf('/orders/{tenant}/x')]).broken).toHaveLength(1)
    expect(compileAuthorization([placed], placed, [templateOf('/other/{tenant}/{id}')]).broken).toHaveLength(0)
  })
})

describe('other readings of the same request', () => {
  it.each<[string, Sent, object]>([
    ['request.path == "/admin"', { path: '/admin;x=1' }, lacks],
    ['request.path == "/@admin"', { path: '/%40admin' }, lacks],
    ['request.path != "/admin"', { path: '/admin;x=1' }, lacks],
    ['request.method == "GET"', { method: 'HEAD' }, lacks],
    ['request.method == "HEAD"', { method: 'HEAD' }, lacks],
    ['request.method in ["GET", "HEAD"]', { method: 'HEAD' }, holds],
    ['request.host == "api.example"', { path: '/admin;x=1', method: 'HEAD' }, holds],
  ])('%s of %j refuses in one and permits only in all', (expression, sent, expected) => {
    expect(places(expression, sent)).toEqual(expected)
  })
})
