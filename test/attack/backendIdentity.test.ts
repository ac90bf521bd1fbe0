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

attacks('backend identity', [
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
