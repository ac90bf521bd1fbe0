import { createHash, verify } from 'node:crypto'
import { expect } from 'vitest'
import type { RecordedRequest } from '../support/backend.ts'
import { backendSecret, tokenKey } from './answersShop.ts'
import { fieldsOf } from './arrived.ts'
import { attacks, request, type Attack } from './attack.ts'
import { apiKeys } from './apiKeys.ts'
import { audience } from './shop.ts'
import type { Victim } from './victim.ts'

const staffToken = (victim: Victim): Promise<string> =>
  victim.idp.rsa.sign({ sub: 'alice', aud: audience, tid: 'acme' }, { typ: 'at+jwt' })

/** Sent with a good token. */
const signedIn = (name: string, target: string, headers: Attack['reached']): Attack => ({
  name,
  send: async (victim) => request(target, { headers: [`Authorization: Bearer ${await staffToken(victim)}`] }),
  answers: ['passed'],
  ...(headers && { reached: headers }),
})

/** The claims of the one token that a request carries; its signature holds. */
function tokenOf(request: RecordedRequest): Record<string, unknown> {
  const tokens = fieldsOf(request, 'x-gatehouse-token')
  expect(tokens).toHaveLength(1)
  const [header = '', claims = '', signature = ''] = tokens[0]!.split('.')
  const signed = Buffer.from(`${header}.${claims}`)
  expect(verify(null, signed, tokenKey.publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
}

const hashOf = (target: string): string => createHash('sha256').update(target).digest('base64url')

const seen = new Set<unknown>()

attacks('backend identity', [
  {
    name: 'a token is for one backend, one request and one minute',
    send: async (victim) =>
      request('/signed/%41?x=%2F', { headers: [`Authorization: Bearer ${await staffToken(victim)}`] }),
    answers: ['passed'],
    reached: [
      {
        headers: { authorization: null },
        look: (arrived) => {
          const claims = tokenOf(arrived)
          expect(claims).toMatchObject({
            aud: 'shop/orders',
            iss: 'urn:gatehouse:system:edge',
            route: 'shop/answers',
            method: 'GET',
            target: hashOf(arrived.target),
            provider: 'shop/mixed/staff',
            subject: 'alice',
          })
          expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60)
          expect(claims['sub']).toBe(JSON.stringify(['shop/mixed/staff', claims['issuer'], 'alice']))
          seen.add(claims['jti'])
        },
      },
    ],
  },
  {
    name: 'a token of the client, in any spelling, and one of its own making',
    send: request('/signed', {
      headers: ['X-Gatehouse-Token: eyJhbGciOiJub25lIn0.e30.', 'x_gatehouse_token: 1', 'X.Gatehouse.Token: 2'],
    }),
    answers: ['passed'],
    reached: [
      {
        look: (arrived) => {
          const claims = tokenOf(arrived)
          expect(claims).not.toHaveProperty('sub')
          expect(claims).not.toHaveProperty('provider')
          expect(seen.has(claims['jti'])).toBe(false)
        },
      },
    ],
  },
  {
    name: 'a token of the client where the gateway sends none',
    send: request('/public', { headers: ['X-Gatehouse-Token: planted', 'x_gatehouse_token: planted'] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-gatehouse-token': null } }],
  },
  {
    name: 'a token that Connection nominates stays',
    send: request('/signed', { headers: ['Connection: x-gatehouse-token, authorization'] }),
    answers: ['passed'],
    reached: [{ look: (arrived) => void tokenOf(arrived) }],
  },
  {
    name: 'a header of the gateway stands in place of what a client sends under its name',
    send: async (victim) =>
      request('/keyed', {
        headers: [`Authorization: Bearer ${await staffToken(victim)}`, 'Connection: authorization'],
      }),
    answers: ['passed'],
    reached: [{ headers: { authorization: backendSecret } }],
  },
  {
    name: 'a header of the gateway stands alone, whatever a client sends that a backend may take for it',
    send: request('/keyed-by-name', { headers: ['X-Legacy-Key: planted', 'x_legacy_key: planted'] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-legacy-key': backendSecret } }],
  },
  {
    name: 'a backend whose header is gone gets nothing',
    send: request('/keyed-by-nothing'),
    answers: [['config-invalid', 'forward']],
    logged: { log: 'audit', decision: 'permit' },
  },
  {
    name: 'the paths of the gateway are no route of anybody',
    send: request('/.well-known/gatehouse/jwks.json'),
    answers: [['no-route', 'reserved']],
  },
  signedIn('a credential stays at the gateway', '/credential-kept', [{ headers: { authorization: null } }]),
  {
    name: 'a key that is let on reaches the backend as it came in',
    send: request('/credential-forwarded?a=%41', { headers: [`X-API-Key: ${apiKeys.good}`] }),
    answers: ['passed'],
    reached: [{ target: '/credential-forwarded?a=%41', headers: { 'x-api-key': apiKeys.good } }],
  },
  {
    name: 'a credential that is let on is verified first',
    send: request('/credential-forwarded', { headers: ['Authorization: Bearer garbage'] }),
    answers: [['unauthenticated', 'authentication']],
  },
  {
    name: 'nobody hides a second credential behind one that is let on',
    send: async (victim) =>
      request('/credential-forwarded', {
        headers: [`Authorization: Bearer ${await staffToken(victim)}`, `X-API-Key: ${apiKeys.good}`],
      }),
    answers: [['ambiguous-credential', 'authentication']],
  },
  {
    name: 'only the headers that a policy names reach the backend, and with them no other spelling',
    send: request('/few-headers', {
      method: 'POST',
      body: 'abc',
      headers: [
        `X-API-Key: ${apiKeys.good}`,
        'ACCEPT: a/b',
        'X-Tag: 1',
        'X_Other: 2',
        'Content-Type: text/plain',
        'Cookie: a=1',
        'Referer: https://evil.example/',
      ],
    }),
    answers: ['passed'],
    reached: [
      {
        body: 'abc',
        headers: {
          accept: 'a/b',
          'x-tag': '1',
          'x-other': null,
          'content-length': '3',
          'content-type': null,
          cookie: null,
          referer: null,
          'x-api-key': null,
          'x-gatehouse-subject': 'good',
        },
      },
    ],
  },
  {
    name: 'another spelling of a header that a policy names does not go on',
    send: request('/few-headers', { headers: [`X-API-Key: ${apiKeys.good}`, 'X_Tag: 1'] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-tag': null } }],
  },
  {
    name: 'what is removed from every request is removed also where a policy names it (M10)',
    send: request('/few-headers', {
      headers: [`X-API-Key: ${apiKeys.good}`, 'X-Forwarded-For: 203.0.113.9', 'X-Gatehouse-Subject: root', 'TE: gzip'],
    }),
    answers: ['passed'],
    reached: [{ headers: { 'x-forwarded-for': '127.0.0.1', 'x-gatehouse-subject': 'good', te: null } }],
  },
])
