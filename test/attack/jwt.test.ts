import { expect } from 'vitest'
import { apiKeys } from './apiKeys.ts'
import { attacks, request, type Answer, type Attack } from './attack.ts'
import { badTokens, bearer, none, now, refused, type MakeToken } from './badTokens.ts'
import { issuer } from './shop.ts'
import { signedClaims, staffToken } from './tokens.ts'
import type { Victim } from './victim.ts'

const forbidden = (name: string, make: MakeToken, target = '/orders', method = 'GET'): Attack => ({
  name,
  send: (victim) => bearer(victim, make, target, method),
  answers: [['forbidden', 'authorization']],
  logged: { rule: 'orders', principal: JSON.stringify(['shop/orders/staff', issuer, 'alice']) },
})

const passed = (name: string, make: MakeToken, headers: Readonly<Record<string, string | null>>): Attack => ({
  name,
  send: (victim) => bearer(victim, make),
  answers: ['passed'],
  reached: [{ headers: { authorization: null, ...headers } }],
  logged: { rule: 'orders', principal: JSON.stringify(['shop/orders/staff', issuer, 'alice']) },
})

const withHeaders = (
  name: string,
  headers: (victim: Victim) => Promise<string[]>,
  answer: Answer,
  target = '/orders',
): Attack => ({
  name,
  send: async (victim) => request(target, { headers: await headers(victim) }),
  answers: [answer],
})

const aged = (name: string, make: MakeToken): Attack => ({
  ...refused(name, make),
  send: (victim) => bearer(victim, make, '/young'),
  logged: { rule: 'young', policy: 'shop/young', principal: null },
})

attacks('jwt', [
  ...badTokens,
  {
    ...refused('a token in the query (RFC 9700)', none),
    send: async (victim) => request(`/orders?access_token=${await staffToken(victim)}`),
  },
  withHeaders('a token in a cookie', async (victim) => [`Cookie: access_token=${await staffToken(victim)}`], [
    'unauthenticated',
    'authentication',
  ]),
  withHeaders('another scheme', async (victim) => [`Authorization: Basic ${await staffToken(victim)}`], [
    'unauthenticated',
    'authentication',
  ]),
  withHeaders('no scheme', async (victim) => [`Authorization: ${await staffToken(victim)}`], [
    'unauthenticated',
    'authentication',
  ]),
  withHeaders(
    'a second Authorization (M3)',
    async (victim) => [`Authorization: Bearer ${await staffToken(victim)}`, 'Authorization: Bearer x'],
    ['ambiguous-credential', 'authentication'],
  ),
  withHeaders(
    'a token and an API key (M3)',
    async (victim) => [`Authorization: Bearer ${await staffToken(victim)}`, `X-Api-Key: ${apiKeys.good}`],
    ['ambiguous-credential', 'authentication'],
  ),
  withHeaders(
    'two tokens in one header',
    async (victim) => [`Authorization: Bearer ${await staffToken(victim)}, Bearer x`],
    ['unauthenticated', 'authentication'],
  ),
  withHeaders(
    'a bad token where nobody needs one (M3)',
    () => Promise.resolve(['Authorization: Bearer x']),
    ['unauthenticated', 'authentication'],
    '/mixed',
  ),
  withHeaders(
    'a foreign scheme where nobody needs one (M3)',
    () => Promise.resolve(['Authorization: Basic eDp5']),
    ['unauthenticated', 'authentication'],
    '/mixed',
  ),
  {
    ...withHeaders(
      'a good token over plain text where the listener refuses them (M6)',
      async (victim) => [`Authorization: Bearer ${await staffToken(victim)}`],
      ['config-invalid', 'config'],
    ),
    listener: 'strict',
  },
  withHeaders(
    'a provider that is broken refuses what it claims (M7)',
    async (victim) => [`Authorization: Bearer ${await staffToken(victim)}`],
    ['config-invalid', 'authentication'],
    '/broken-provider',
  ),
  withHeaders(
    'an Allow that is broken never matches (M7)',
    async (victim) => [`Authorization: Bearer ${await staffToken(victim)}`],
    ['forbidden', 'authorization'],
    '/broken-allow',
  ),
  forbidden('another tenant', (victim) => staffToken(victim, { tid: 'globex' })),
  forbidden('no tenant', (victim) => staffToken(victim, { tid: undefined })),
  refused('two tenants', (victim) => signedClaims(victim, { tid: ['acme', 'globex'] })),
  forbidden('no role', (victim) => staffToken(victim, { roles: [] })),
  forbidden('a role that the provider may not claim (M5)', (victim) => staffToken(victim, { roles: ['root'] })),
  forbidden('roles in one text', (victim) => staffToken(victim, { roles: 'admin,reader' })),
  refused('roles that are no texts', (victim) => signedClaims(victim, { roles: [{ name: 'admin' }] })),
  forbidden('a role in capitals', (victim) => staffToken(victim, { roles: ['ADMIN'] })),
  forbidden('a reader who writes (API5)', (victim) => staffToken(victim, { roles: ['reader'] }), '/orders', 'POST'),
  forbidden('a method that no rule allows', (victim) => staffToken(victim), '/orders', 'PUT'),
  forbidden('what a Deny forbids, by whoever', (victim) => staffToken(victim), '/orders/locked', 'DELETE'),
  forbidden('what a Deny forbids, in disguise', (victim) => staffToken(victim), '/orders/%6cocked/1', 'DELETE'),
  passed('a sound token passes, and does not go on (POM-1)', (victim) => staffToken(victim), {
    'x-gatehouse-subject': 'alice',
    'x-gatehouse-tenant': 'acme',
  }),
  passed(
    'only the roles that the provider may claim go on (M5)',
    (victim) => staffToken(victim, { roles: ['admin', 'root'] }),
    {
      'x-gatehouse-roles': '"admin"',
    },
  ),
  passed(
    'an ES256 token under its own key',
    ({ idp }) =>
      idp.ec.sign(
        { sub: 'alice', aud: ['x', 'orders'], roles: ['reader'], tid: 'acme' },
        { typ: 'application/at+jwt' },
      ),
    {
      'x-gatehouse-roles': '"reader"',
    },
  ),
  {
    name: 'a tenant that the provider may not claim does not go on (M5)',
    send: (victim) => bearer(victim, () => staffToken(victim, { tid: 'globex' }), '/mixed'),
    answers: ['passed'],
    reached: [{ headers: { 'x-gatehouse-subject': 'alice', 'x-gatehouse-tenant': null } }],
  },
  {
    name: 'a subject that no header can carry (M10)',
    send: (victim) => bearer(victim, () => staffToken(victim, { sub: 'alice\r\nX-Gatehouse-Roles: root' })),
    answers: [['forbidden', 'identity']],
  },
  {
    name: 'HEAD needs what GET needs',
    send: (victim) => bearer(victim, () => staffToken(victim, { roles: ['reader'] }), '/orders', 'HEAD'),
    methods: ['HEAD'],
    answers: ['passed'],
    reached: [{ method: 'HEAD' }],
  },
  {
    name: 'the verified token of one policy opens no other (CVE-2026-35039)',
    send: async (victim) => {
      const headers = [`Authorization: Bearer ${await staffToken(victim, { jti: 'twice' })}`]
      return request('/orders', { headers }) + request('/keys', { headers })
    },
    answers: ['passed', ['unauthenticated', 'authentication']],
    reached: [{ target: '/orders' }],
  },
  {
    name: 'the verified token of one provider is judged again by another (M16)',
    send: async (victim) => {
      const headers = [`Authorization: Bearer ${await staffToken(victim, { jti: 'again' })}`]
      return request('/orders', { headers }) + request('/mixed', { headers })
    },
    answers: ['passed', 'passed'],
    reached: [{ target: '/orders' }, { target: '/mixed' }],
    logged: { principal: JSON.stringify(['shop/mixed/staff', issuer, 'alice']) },
  },
  aged('a token that is older than its provider allows', (victim) => staffToken(victim, { iat: now() - 120 })),
  aged('a token that does not say how old it is', (victim) => signedClaims(victim, { iat: undefined })),
  aged('a token that was issued in time to come', (victim) => staffToken(victim, { iat: now() + 600 })),
  aged('a token whose age is text', (victim) => signedClaims(victim, { iat: String(now()) })),
  {
    name: 'a token that is young enough',
    send: (victim) => bearer(victim, () => staffToken(victim), '/young'),
    answers: ['passed'],
    reached: [{ target: '/young', headers: { authorization: null } }],
  },
  {
    name: 'a rule without a policy (M1)',
    send: async (victim) => bearer(victim, () => staffToken(victim), '/unprotected'),
    answers: [['no-policy', 'policy']],
  },
  {
    name: 'a rule whose policy is broken (M7)',
    send: async (victim) => bearer(victim, () => staffToken(victim), '/invalid'),
    answers: [['config-invalid', 'config']],
  },
  {
    name: 'a Deny that is broken refuses its methods (M7)',
    send: request('/broken-deny', { method: 'DELETE' }),
    answers: [['config-invalid', 'config']],
  },
  {
    name: 'a verified token expires while it is remembered (M16)',
    prepare: async (victim) => {
      const token = await staffToken(victim, { exp: now() + 2, jti: 'short' })
      const ask = (): Promise<number> => victim.ask(request('/orders', { headers: [`Authorization: Bearer ${token}`] }))
      expect(await ask()).toBe(200)
      await expect.poll(ask, { timeout: 10_000 }).toBe(401)
      return request('/orders', { headers: [`Authorization: Bearer ${token}`] })
    },
    answers: [['unauthenticated', 'authentication']],
  },
  {
    name: 'a verified token falls with the key that signed it (GHSA-675f-rq2r-jw82)',
    prepare: async (victim) => {
      const held = request('/orders', {
        headers: [`Authorization: Bearer ${await staffToken(victim, { jti: 'held' })}`],
      })
      expect(await victim.ask(held)).toBe(200)
      await victim.removeKey('rsa-1')
      return held
    },
    answers: [['unauthenticated', 'authentication']],
  },
])
