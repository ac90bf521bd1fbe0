import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { Responder } from '../support/backend.ts'
import { refusedActions } from './actionsShop.ts'
import { page } from './answersShop.ts'
import { fieldsOf } from './arrived.ts'
import { attacks, request, type Answer, type Attack } from './attack.ts'
import { audience, host } from './shop.ts'
import type { Victim } from './victim.ts'

const token = (victim: Victim): Promise<string> =>
  victim.idp.rsa.sign({ sub: 'alice', aud: audience, tid: 'acme' }, { typ: 'at+jwt' })

const signedIn =
  (target: string, headers: readonly string[] = []): NonNullable<Attack['prepare']> =>
  async (victim) =>
    request(target, { headers: [`Authorization: Bearer ${await token(victim)}`, ...headers] })

/** Where a redirect leads. */
const led = (name: string, send: Attack['send'], answer: number, location: RegExp): Attack => ({
  name,
  ...(send !== undefined && { send }),
  answers: [answer],
  answered: { location, 'content-length': /^0$/, 'cache-control': /./ },
})

/** A backend that cannot be used refuses its share when that is drawn. */
const invalid = (name: string): Answer => ['config-invalid', name.startsWith('one-') ? 'forward' : 'config']
const refusedPath: Answer = ['bad-path', 'form']

const redirects: readonly Attack[] = [
  led(
    'a redirect keeps path and query',
    request('/secure/%7Ea/b?x=1&y=%2F'),
    301,
    /^https:\/\/api\.shop\.example\/secure\/~a\/b\?x=1&y=%2F$/,
  ),
  led(
    'a path that is taken away leads to this origin, whatever Host says',
    request('/moved/a', { host: `${host}:6666` }),
    308,
    /^\/a$/,
  ),
  led(
    'a port in Host does not come back',
    request('/secure', { host: `${host}:6666` }),
    301,
    /^https:\/\/api\.shop\.example\/secure$/,
  ),
  led('a path of which nothing is left', request('/moved?next=//evil.example'), 308, /^\/\?next=\/\/evil\.example$/),
  led(
    'a host in the query stays there',
    request('/elsewhere?@evil.example'),
    302,
    /^http:\/\/docs\.shop\.example:8080\/start\?@evil\.example$/,
  ),
  led('a host as the first element is a path', request('/moved/evil.example/a'), 308, /^\/evil\.example\/a$/),
  led(
    'a tab behind the slash of a redirect, which browsers leave out',
    request('/moved/%09evil.example'),
    308,
    /^\/%09evil\.example$/,
  ),
  ...[
    ['two slashes that a shortened path would begin with', '/moved//evil.example'],
    ['an escaped slash that a shortened path would begin with', '/moved/%2Fevil.example'],
    ['a backslash that a shortened path would begin with', '/moved/%5Cevil.example'],
    ['a path that leads out of what is redirected', '/moved/../public'],
    ['a line break in a location', '/moved/%0d%0aset-cookie:a=b/%2f'],
  ].map(([name, target]): Attack => ({ name: name!, send: request(target!), answers: [refusedPath] })),
  {
    name: 'a host that is not served gets no redirect',
    send: request('/secure', { host: 'evil.example' }),
    answers: [['no-route', 'route']],
    answered: { location: null },
  },
  {
    name: 'a redirect of a rule without policy',
    send: request('/unguarded'),
    answers: [['no-policy', 'policy']],
    answered: { location: null },
  },
  {
    name: 'a redirect of a rule whose policy does not permit it',
    send: request('/moved-for-staff'),
    answers: [['unauthenticated', 'authentication']],
    answered: { location: null },
  },
  {
    name: 'a redirect for somebody who may, that a page may read',
    prepare: signedIn('/moved-for-staff', [`Origin: ${page}`]),
    answers: [302],
    answered: { location: /^\/secret-place$/, 'access-control-allow-origin': /^https:\/\/shop\.example$/ },
  },
  {
    name: 'a credential in the way of a redirect is not sent on with it',
    prepare: signedIn('/moved-for-staff?a=1'),
    answers: [302],
    answered: { location: /^\/secret-place\?a=1$/, authorization: null },
  },
]

const smuggled = request('/public/smuggled')

const answers: readonly Attack[] = [
  {
    name: 'an answer of its own is bytes of UTF-8, and counted as such',
    send: request('/told') + request('/told'),
    answers: [200, 200],
    answered: {
      'content-length': /^11$/,
      'content-type': /^text\/plain; charset=utf-8$/,
      'cache-control': /^private$/,
    },
  },
  {
    name: 'HEAD has the length of an answer, and not the answer',
    send: request('/told', { method: 'HEAD' }) + request('/told'),
    methods: ['HEAD', 'GET'],
    answers: [200, 200],
  },
  {
    name: 'an answer without content says no length',
    send: request('/empty') + request('/empty'),
    answers: [204, 204],
    answered: { 'content-length': null, 'transfer-encoding': null },
  },
  {
    name: 'a body behind an answer is not taken for the next request',
    send: request('/gone', { method: 'POST', body: smuggled }) + request('/told'),
    answers: [410, 200],
  },
  {
    name: 'chunks behind an answer are not taken for the next request',
    send: `${request('/moved', { method: 'POST', headers: ['Transfer-Encoding: chunked'] })}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${request('/told')}`,
    answers: [308],
    closed: true,
  },
  {
    name: 'a large body behind an answer costs the connection, not the gateway',
    send: [request('/told', { method: 'POST', headers: ['Content-Length: 900000'] }), 'a'.repeat(100_000)],
    answers: [200],
    closed: true,
  },
  {
    name: 'a client that waits to be told to go on is answered at once',
    send: request('/told', { method: 'POST', headers: ['Content-Length: 900000', 'Expect: 100-continue'] }),
    answers: [200],
    closed: true,
  },
  {
    name: 'an answer that is not for everybody',
    send: request('/told-to-staff'),
    answers: [['unauthenticated', 'authentication']],
  },
  {
    name: 'an answer has the security headers of its policy',
    prepare: signedIn('/told-to-staff'),
    answers: [200],
    answered: { 'x-frame-options': /^DENY$/ },
  },
  {
    name: 'a body is looked at before the answer',
    send: request('/told-after-a-look', {
      method: 'POST',
      headers: ['Content-Type: application/json'],
      body: '{"sku":1}',
    }),
    answers: [['validation-failed', 'validation']],
  },
  {
    name: 'an answer after a body that is right',
    send: request('/told-after-a-look', {
      method: 'POST',
      headers: ['Content-Type: application/json'],
      body: '{"sku":"ABC"}',
    }),
    answers: [200],
  },
]

const hashOf = (target: string): string => createHash('sha256').update(target).digest('base64url')

/** Answers with headers that are for nobody. */
const talkative: Responder = (_request, response) =>
  void response
    .writeHead(200, { server: 'secret/1.0', 'set-cookie': 'session=1', 'x-powered-by': 'secrets', 'x-kept': '1' })
    .end('ok')

const changed: readonly Attack[] = [
  {
    name: 'a backend gets the path and the host that are written for it, and the query as it came',
    send: request('/rewritten/a?b=%2F'),
    answers: ['passed'],
    reached: [{ target: '/v2/a?b=%2F', headers: { host: 'orders.internal', 'x-forwarded-host': host } }],
    logged: { path: '/rewritten/a', rule: 'rewritten' },
  },
  {
    name: 'a rewritten path does not match again',
    send: request('/rewritten/../orders'),
    answers: [refusedPath],
  },
  {
    name: 'a token is for what the backend gets',
    prepare: signedIn('/signed-elsewhere/a?b=1'),
    answers: ['passed'],
    reached: [
      {
        target: '/v3?b=1',
        look: (arrived) => {
          const [claims = ''] = fieldsOf(arrived, 'x-gatehouse-token').map((one) => one.split('.')[1] ?? '')
          const { target } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { target: string }
          expect(target).toBe(hashOf('/v3?b=1'))
        },
      },
    ],
  },
  {
    name: 'what a route writes stands in place of what a client sends, in every spelling',
    send: request('/headers-changed', {
      headers: [
        'X-Tag: client',
        'X_Tag: client',
        'x.tag: client',
        'X-List: client',
        'X-Mark: client',
        'X_Debug: 1',
        'Cookie: a=b',
      ],
    }),
    answers: ['passed'],
    reached: [
      {
        headers: { 'x-debug': null, cookie: null, 'x-backend': 'a' },
        look: (arrived) => {
          expect(fieldsOf(arrived, 'x-tag')).toEqual(['rule', 'backend'])
          expect(fieldsOf(arrived, 'x-mark')).toEqual(['rule'])
          expect(fieldsOf(arrived, 'x-list')).toEqual(['client', 'rule'])
        },
      },
    ],
  },
  {
    name: 'what a backend says and a client should not know',
    prepare: (victim) => {
      victim.backend.respond(talkative)
      return Promise.resolve(request('/headers-changed'))
    },
    answers: ['passed'],
    reached: [{}],
    answered: { server: null, 'set-cookie': null, 'x-powered-by': /^nobody$/, 'x-kept': /^1$/ },
  },
  {
    name: 'a route does not write beside what proves the gateway',
    send: request('/key-changed', { headers: ['X-Legacy-Key: client'] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-legacy-key': 'Basic c2hvcDpwbGFudGVkLXNlY3JldA==' } }],
  },
  ...Object.keys(refusedActions).map((name): Attack => ({
    name: `a route that no controller sends: ${name}`,
    send: request(`/${name}/a`),
    answers: [invalid(name)],
    ...(name.startsWith('one-') && { logged: { log: 'audit', decision: 'permit' } }),
    answered: { location: null },
  })),
]

attacks('actions of routes', [...redirects, ...answers, ...changed])
