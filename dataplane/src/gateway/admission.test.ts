import { describe, expect, it } from 'vitest'
import type { Resource } from '@gatehouse/contract'
import { isPermit } from './admit.ts'
import {
  admit,
  allowAcme,
  allowAuthenticated,
  apiKey,
  bearer,
  decide,
  gateway,
  jwt,
  permitted,
  refused,
  token,
  under,
} from './callerFixture.ts'
import type { RawRequest } from './facts.ts'
import {
  anonymous,
  authorizationRule as authorize,
  forgetful,
  policy,
  quota,
  request,
  route,
  rule,
} from './snapshotFixture.ts'

describe('a permit', () => {
  it('is given at once for a public route', () => {
    const decision = gateway().gateway.admit(request('/%61?x'), forgetful)
    expect(decision).toMatchObject({
      outcome: 'permit',
      content: {
        facts: { path: '/a', query: '?x', host: 'api.example' },
        plan: { key: 'shop/orders/all', namespace: 'shop' },
        judgement: { route: 'shop/orders', rule: 'all', policy: 'shop/open', item: 'allow', level: 3, principal: null },
        principal: null,
        identityHeaders: [],
        quotas: [],
      },
    })
  })

  it('cannot be imitated', async () => {
    const permit = await permitted(gateway(), request())
    expect(isPermit(permit)).toBe(true)
    expect(isPermit(Object.assign({}, permit))).toBe(false)
    expect(isPermit({ outcome: 'permit', content: permit.content })).toBe(false)
    expect(isPermit(Object.create(Object.getPrototypeOf(permit) as object) as object)).toBe(false)
  })

  it('says who calls, and keeps the credential back', async () => {
    const built = under(
      {
        providers: [jwt, apiKey],
        rules: [allowAcme],
        identityHeaders: [
          { name: 'x-subject', from: { type: 'Subject' } },
          { name: 'x-roles', from: { type: 'Roles' } },
          { name: 'x-tenant', from: { type: 'Tenant' } },
        ],
      },
      route(),
    )
    const { content } = await permitted(built, request('/', bearer(token({ roles: ['a'] }))))
    expect(content.principal).toMatchObject({ subject: 'ada', tenant: 'acme' })
    expect(content.judgement).toMatchObject({ principal: '["shop/open/staff","https://idp","ada"]', item: 'acme' })
    expect(content.credentialHeaders).toEqual(['authorization', 'x-api-key'])
    expect(content.identityHeaders).toEqual(['x-subject', 'ada', 'x-roles', '"a"', 'x-tenant', 'acme'])
  })

  it('is given without waiting for a token that is known', async () => {
    const built = under({ providers: [jwt], rules: [allowAcme] })
    const raw = request('/', bearer(token({})))
    expect(built.gateway.admit(raw, forgetful)).toBeInstanceOf(Promise)
    await admit(built, raw)
    expect(built.gateway.admit(raw, forgetful)).toMatchObject({ outcome: 'permit' })
  })
})

describe('the order of the stages (M8)', () => {
  const strict = under({
    providers: [jwt],
    rules: [allowAcme],
    quotas: [quota(['IP'], { rates: [{ limit: 1, window: 1000, burst: 1 }] })],
  })

  it.each<[string, RawRequest, string]>([
    ['form before all', request('/../x', [], { rawHeaders: ['Host', 'nobody.example'] }), 'form bad-path'],
    ['reserved before the route', request('/.well-known/gatehouse/x'), 'reserved no-route'],
    ['reserved on any host', request('/.well-known/gatehouse', [], { rawHeaders: ['Host', 'x'] }), 'reserved no-route'],
    ['route before authentication', request('/', [], { rawHeaders: ['Host', 'other.example'] }), 'route no-route'],
  ])('%s', async (_name, raw, expected) => {
    expect(await decide(strict, raw)).toBe(expected)
  })

  it('request quotas before authentication, whose refusal refunds nothing', async () => {
    expect(await decide(strict)).toBe('authentication unauthenticated')
    expect(await decide(strict)).toBe('request-quota quota-exceeded')
  })

  it('principal quotas between authentication and authorization', async () => {
    const built = under({
      providers: [jwt],
      rules: [allowAcme],
      quotas: [quota(['Principal'], { rates: [{ limit: 1, window: 1000, burst: 1 }] })],
    })
    const foreign = request('/', bearer(token({ tid: 'other' })))
    expect(await decide(built)).toBe('authentication unauthenticated')
    expect(await decide(built, foreign)).toBe('authorization forbidden')
    expect(await decide(built, foreign)).toBe('principal-quota quota-exceeded')
    expect(await decide(built, request('/', bearer(token({ sub: 'bob' }))))).toBe('permit')
  })

  it('never throws', async () => {
    const raw = { ...request(), rawHeaders: null } as unknown as RawRequest
    expect(await decide(gateway(), raw)).toBe('config internal-error')
  })
})

describe('default deny (M1)', () => {
  it.each<[string, Resource[], string]>([
    ['no policy', [route({ rules: [rule({ access: { type: 'Refuse', code: 'no-policy' } })] })], 'policy no-policy'],
    ['a policy without providers', [policy({ providers: [] })], 'policy no-policy'],
    [
      'a policy without Allow',
      [policy({ rules: [authorize('Require', { principal: [{ attribute: 'Anyone' }] })] })],
      'policy no-policy',
    ],
    [
      'a policy whose Allow is broken',
      [policy({ rules: [authorize('Allow', { broken: true })] })],
      'authorization forbidden',
    ],
    ['Anyone without anonymous', [policy({ providers: [jwt] })], 'authentication unauthenticated'],
    ['anonymous without Anyone', [policy({ rules: [allowAuthenticated] })], 'authorization forbidden'],
    ['a rule without matches', [route({ rules: [rule({ matches: [] })] })], 'route no-route'],
    ['a route without hostnames', [route({ hostnames: [] })], 'route no-route'],
    ['a route on another listener', [route({ listeners: ['other'] })], 'route no-route'],
  ])('%s', async (_name, resources, expected) => {
    expect(await decide(gateway(...resources))).toBe(expected)
  })

  it('asks an anonymous caller for a credential where one would help', async () => {
    const built = under({ providers: [anonymous, jwt], rules: [allowAcme] })
    expect(await refused(built)).toMatchObject({
      code: 'unauthenticated',
      check: 'authorization',
      challenge: 'Bearer realm="gatehouse"',
    })
    expect(await decide(built, request('/', bearer(token({ tid: 'other' }))))).toBe('authorization forbidden')
  })

  it('records whose Allow rules were asked where none matches (M20)', async () => {
    const judgement = { policy: 'shop/open', item: null, level: 3 }
    expect(await refused(under({ rules: [allowAuthenticated] }))).toMatchObject({ code: 'forbidden', judgement })
  })
})
