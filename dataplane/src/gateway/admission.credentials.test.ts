import { describe, expect, it } from 'vitest'
import {
  admit,
  allowAcme,
  allowAuthenticated,
  apiKey,
  bearer,
  clock,
  decide,
  gateway,
  jwt,
  mtls,
  permitted,
  refused,
  seconds,
  token,
  under,
} from './callerFixture.ts'
import {
  addressesFrom,
  anonymous,
  authorizationRule as authorize,
  certificateOf,
  connection,
  listener,
  match,
  policy,
  quota,
  request,
  route,
  rule,
} from './snapshotFixture.ts'

describe('authentication (M3)', () => {
  const built = under({ providers: [jwt, apiKey, anonymous], rules: [authorize('Allow')] })

  it.each<[string, readonly string[], string]>([
    ['none', [], 'permit'],
    ['a good token', bearer(token({})), 'permit'],
    ['a good key', ['X-Api-Key', 'secret'], 'permit'],
    ['a bad token', bearer(`${token({})}x`), 'authentication unauthenticated'],
    ['an expired token', bearer(token({ exp: seconds })), 'authentication unauthenticated'],
    ['a bad key', ['x-api-key', 'Secret'], 'authentication unauthenticated'],
    ['an empty key', ['x-api-key', ''], 'authentication unauthenticated'],
    ['another scheme', ['Authorization', 'Basic x'], 'authentication unauthenticated'],
    ['a good key beside a bad token', ['x-api-key', 'secret', ...bearer('x')], 'authentication unauthenticated'],
    [
      'a good key beside a good token',
      ['x-api-key', 'secret', ...bearer(token({}))],
      'authentication ambiguous-credential',
    ],
    ['two tokens', [...bearer(token({})), ...bearer(token({}))], 'authentication ambiguous-credential'],
  ])('%s', async (_name, headers, expected) => {
    expect(await decide(built, request('/', headers))).toBe(expected)
  })

  it('says in a 401 which scheme and that the token was bad, and no more', async () => {
    const only = under({ providers: [jwt], rules: [allowAcme] })
    expect((await refused(only)).challenge).toBe('Bearer realm="gatehouse"')
    const bad = await refused(only, request('/', bearer(token({ exp: 1 }))))
    expect(bad.challenge).toBe('Bearer realm="gatehouse", error="invalid_token"')
    expect(bad.judgement).toMatchObject({ policy: 'shop/open', item: 'staff', principal: null })
  })

  it('takes a certificate of the connection', async () => {
    const mesh = under({ providers: [mtls], rules: [allowAuthenticated] })
    const known = connection({ clientCertificate: certificateOf({ dnsNames: ['web.mesh'] }) })
    const unknown = connection({ clientCertificate: certificateOf({ dnsNames: ['web.other'] }) })
    expect((await permitted(mesh, request('/', [], { connection: known }))).content.principal?.subject).toBe('web.mesh')
    expect(await decide(mesh, request('/', [], { connection: unknown }))).toBe('authentication unauthenticated')
  })

  it('knows nobody by a certificate that has expired since its connection began', async () => {
    const mesh = under({ providers: [mtls], rules: [allowAuthenticated] })
    const until = (notAfter: number) =>
      request('/', [], {
        connection: connection({ clientCertificate: certificateOf({ dnsNames: ['web.mesh'], notAfter }) }),
      })
    const { content } = await permitted(mesh, until(clock.now() + 1))
    expect(content.principal?.expiresAt).toBe(clock.now() + 1)
    expect(await decide(mesh, until(clock.now()))).toBe('authentication unauthenticated')
  })

  it('refuses a caller whose name a header cannot carry', async () => {
    const told = under({
      providers: [jwt],
      rules: [allowAcme],
      identityHeaders: [{ name: 'x-subject', from: { type: 'Subject' } }],
    })
    expect(await decide(told, request('/', bearer(token({ sub: 'ad\r\na' }))))).toBe('identity forbidden')
  })
})

describe('quotas', () => {
  it('say what is left, and when to come back', async () => {
    const built = under({ quotas: [quota(['IP'])] })
    expect((await permitted(built, request())).content.quotas).toMatchObject([
      { rate: { quota: 'burst' }, remaining: 1 },
    ])
    await admit(built)
    const refusal = await refused(built)
    expect(refusal).toMatchObject({
      code: 'quota-exceeded',
      retryAfter: 1,
      quotas: [{ remaining: 0 }],
      judgement: { item: 'burst' },
    })
  })

  it('count an IPv6 client by its /64', async () => {
    const built = under({ quotas: [quota(['IP'])] })
    const from = (peerAddress: string) => request('/', [], { connection: connection({ peerAddress }) })
    await admit(built, from('2001:db8::1'))
    await admit(built, from('2001:db8::2'))
    expect(await decide(built, from('2001:db8::3'))).toBe('request-quota quota-exceeded')
    expect(await decide(built, from('2001:db8:0:1::1'))).toBe('permit')
  })

  it('count by what a trusted peer reports', async () => {
    const built = under(
      { quotas: [quota(['IP'], { rates: [{ limit: 1, window: 1000, burst: 1 }] })] },
      listener({ clientAddress: addressesFrom('192.0.2.0/24') }),
    )
    expect(await decide(built, request('/', ['X-Forwarded-For', '203.0.113.1']))).toBe('permit')
    expect(await decide(built, request('/', ['X-Forwarded-For', '203.0.113.2']))).toBe('permit')
    expect(await decide(built, request('/', ['X-Forwarded-For', '6.6.6.6, 203.0.113.2']))).toBe(
      'request-quota quota-exceeded',
    )
  })

  it('of one policy are one for all routes that it covers', async () => {
    const built = under({ quotas: [quota(['IP'])] }, route({ hostnames: ['b.example'] }, 'second'))
    await admit(built)
    await admit(built, request('/', [], { rawHeaders: ['Host', 'b.example'] }))
    expect(await decide(built)).toBe('request-quota quota-exceeded')
  })
})

describe('paths and rules', () => {
  it('a rule for a path is met however the path is written', async () => {
    const built = gateway(
      policy({ rules: [authorize('Allow'), authorize('Deny', { paths: [{ type: 'PathPrefix', value: '/admin' }] })] }),
      route({ rules: [rule({ matches: [match('/')] })] }),
    )
    for (const target of ['/admin', '/%61dmin/x', '/admin;x/y', 'http://api.example/admin'])
      expect(await decide(built, request(target))).toBe('authorization forbidden')
    expect(await decide(built, request('/x?/admin'))).toBe('permit')
  })
})
