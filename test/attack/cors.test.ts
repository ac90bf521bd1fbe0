import type { Responder } from '../support/backend.ts'
import { page } from './answersShop.ts'
import { attacks, request, type Answer, type Attack } from './attack.ts'
import { audience } from './shop.ts'
import type { Victim } from './victim.ts'

/** A backend that shares everything with everybody, and is no friend of frames. */
const careless: Responder = (_, response) => {
  response
    .writeHead(200, {
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': '*',
      'x-frame-options': 'SAMEORIGIN',
      vary: 'accept',
      'content-length': '2',
    })
    .end('ok', 'latin1')
}

const evil = 'https://evil.example'

/** What an answer says to a page that may not read it, and to one that may. */
const closed = {
  'access-control-allow-origin': null,
  'access-control-allow-credentials': null,
  'access-control-allow-methods': null,
  'access-control-expose-headers': null,
  vary: /\borigin\b/,
} as const
const opened = (origin = page) =>
  ({
    'access-control-allow-origin': new RegExp(`^${origin.replaceAll(/[.*]/g, '\\$&')}$`),
    'access-control-allow-credentials': /^true$/,
    vary: /\borigin\b/,
  }) as const

interface Page {
  readonly target?: string
  /** Values of Origin; several are sent as several headers. */
  readonly origin?: readonly string[]
  readonly method?: string
  readonly headers?: readonly string[]
}

const origins = (origin: readonly string[]): string[] => origin.map((one) => `Origin: ${one}`)

/** A preflight of a page, which holds no credential. */
const preflight = (
  name: string,
  { target = '/shared/x', origin = [page], method = 'PUT', headers = [] }: Page,
  answer: Answer,
  answered: Attack['answered'],
): Attack => ({
  name,
  send: request(target, {
    method: 'OPTIONS',
    headers: [...origins(origin), `Access-Control-Request-Method: ${method}`, ...headers],
  }),
  answers: [answer],
  ...(answered === undefined ? {} : { answered }),
})

const refusedPreflight = (name: string, asked: Page, answered: Attack['answered'] = closed): Attack =>
  preflight(name, asked, ['cors-refused', 'cors'], answered)

const token = (victim: Victim): Promise<string> =>
  victim.idp.rsa.sign({ sub: 'alice', aud: audience, tid: 'acme' }, { typ: 'at+jwt' })

/** A request of a page, with a token. */
const asked = (name: string, { origin = [], target = '/shared/x' }: Page, answered: Attack['answered']): Attack => ({
  name,
  prepare: async (victim) => {
    victim.backend.respond(careless)
    return request(target, { headers: [...origins(origin), `Authorization: Bearer ${await token(victim)}`] })
  },
  answers: ['passed'],
  reached: [{ target }],
  ...(answered === undefined ? {} : { answered }),
})

attacks('cors', [
  preflight('a preflight needs no credential, and goes no further', {}, 'preflight', {
    ...opened(),
    'access-control-allow-methods': /^GET, PUT$/,
    'access-control-allow-headers': /^authorization, x-version$/,
    'access-control-max-age': /^600$/,
    'x-request-id': /./,
  }),
  preflight(
    'a preflight with a credential, which nobody looks at',
    { headers: ['Authorization: Bearer garbage', 'Cookie: a=b'] },
    'preflight',
    opened(),
  ),
  preflight(
    'a preflight to a route that denies OPTIONS and everything without a credential',
    { headers: ['Access-Control-Request-Headers: authorization'] },
    'preflight',
    opened(),
  ),
  {
    ...preflight('a body behind a preflight is not taken for the next request', {}, 'preflight', undefined),
    send: request('/shared/x', {
      method: 'OPTIONS',
      headers: [`Origin: ${page}`, 'Access-Control-Request-Method: PUT'],
      body: request('/public'),
    }),
  },
  refusedPreflight('a preflight of another origin', { origin: [evil] }),
  refusedPreflight('a preflight of an origin that begins alike', { origin: [`${page}.evil.example`] }),
  refusedPreflight('a preflight of an origin that ends alike', { origin: ['https://evilshop.example'] }),
  refusedPreflight('a preflight of a host that hides before a wildcard', {
    origin: ['https://evil.example:1.shop.example'],
  }),
  refusedPreflight('a preflight of the origin null', { origin: ['null'] }),
  refusedPreflight('a preflight of two origins', { origin: [evil, page] }),
  refusedPreflight('a preflight of origins in one header', { origin: [`${page}, ${evil}`] }),
  refusedPreflight('a preflight without TLS in its origin', { origin: ['http://shop.example'] }),
  refusedPreflight('a preflight for another method', { method: 'DELETE' }, opened()),
  refusedPreflight('a preflight for another header', { headers: ['Access-Control-Request-Headers: x-evil'] }, opened()),
  refusedPreflight(
    'a preflight into a private network',
    { headers: ['Access-Control-Request-Private-Network: true'] },
    { ...opened(), 'access-control-allow-private-network': null },
  ),
  refusedPreflight(
    'headers in a preflight that would split the answer',
    { target: '/shared-by-all', headers: ['Access-Control-Request-Headers: x-a: 1, set-cookie: a=b'] },
    { 'set-cookie': null },
  ),
  preflight(
    'every origin, without credentials (CVE-2024-25124)',
    { target: '/shared-by-all', origin: [evil], method: 'PURGE', headers: ['Access-Control-Request-Headers: X-A'] },
    'preflight',
    {
      'access-control-allow-origin': /^\*$/,
      'access-control-allow-credentials': null,
      'access-control-allow-methods': /^PURGE$/,
      'access-control-allow-headers': /^x-a$/,
    },
  ),
  refusedPreflight('the origin null where every origin may ask', { target: '/shared-by-all', origin: ['null'] }),
  preflight('a preflight for what is broken', { target: '/shared-but-broken' }, ['config-invalid', 'config'], opened()),
  preflight('a preflight for what is not', { target: '/shared-but-broken', method: 'GET' }, 'preflight', opened()),
  {
    name: 'a preflight where nothing is shared is a request like any other',
    send: request('/public', {
      method: 'OPTIONS',
      headers: [`Origin: ${evil}`, 'Access-Control-Request-Method: PUT'],
    }),
    answers: ['passed'],
    reached: [{ method: 'OPTIONS', headers: { origin: evil, 'access-control-request-method': 'PUT' } }],
  },
  {
    name: 'a preflight for what nobody may is answered no better than that',
    send: request('/unprotected', {
      method: 'OPTIONS',
      headers: [`Origin: ${evil}`, 'Access-Control-Request-Method: PUT'],
    }),
    answers: [['no-policy', 'policy']],
  },
  {
    name: 'OPTIONS without an origin is no preflight',
    send: request('/shared/x', { method: 'OPTIONS', headers: ['Access-Control-Request-Method: PUT'] }),
    answers: [['unauthenticated', 'authentication']],
    answered: closed,
  },
  {
    name: 'a refusal can be read by a page that may, so that it knows to sign in',
    send: request('/shared/x', { headers: [`Origin: ${page}`] }),
    answers: [['unauthenticated', 'authentication']],
    answered: opened(),
  },
  {
    name: 'a refusal cannot be read by another page',
    send: request('/shared/x', { headers: [`Origin: ${evil}`] }),
    answers: [['unauthenticated', 'authentication']],
    answered: closed,
  },
  asked('a page that may, where the backend says that all may', { origin: [page] }, opened()),
  asked('labels before a wildcard', { origin: ['https://a.b.shop.example'] }, opened('https://a.b.shop.example')),
  asked('another page, where the backend says that all may', { origin: [evil] }, closed),
  asked('no page, so that no cache keeps the answer for one', {}, closed),
  asked('the origin null, where the backend says that all may', { origin: ['null'] }, closed),
  asked(
    'security headers that the backend does not send itself',
    { target: '/secured' },
    {
      'x-frame-options': /^SAMEORIGIN$/,
      'permissions-policy': /^camera=\(\)$/,
      'strict-transport-security': null,
    },
  ),
  {
    name: 'security headers on a refusal, and what only holds over TLS',
    send: request('/secured'),
    listener: 'https',
    tls: (victim) => Promise.resolve({ ca: victim.serverCa.certificate, servername: 'api.shop.example' }),
    answers: [['unauthenticated', 'authentication']],
    answered: {
      'x-frame-options': /^DENY$/,
      'permissions-policy': /^camera=\(\)$/,
      'strict-transport-security': /^max-age=31536000$/,
      'x-content-type-options': /^nosniff$/,
      'cache-control': /^no-store$/,
    },
  },
  {
    name: 'the answer to what is no rule is no page either',
    send: request('/nowhere'),
    answers: [['no-route', 'route']],
    answered: { 'content-security-policy': /frame-ancestors 'none'/, 'x-content-type-options': /^nosniff$/ },
  },
])
