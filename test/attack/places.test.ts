import { attacks, request, type Answer, type Attack } from './attack.ts'
import { apiKeys } from './apiKeys.ts'
import { issuer } from './shop.ts'
import { staffToken } from './tokens.ts'
import type { Victim } from './victim.ts'

const unauthenticated: Answer = ['unauthenticated', 'authentication']
const ambiguous: Answer = ['ambiguous-credential', 'authentication']
const crossSite: Answer = ['cross-site', 'authentication']

type Made = (token: string) => Parameters<typeof request>

const sent =
  (make: Made) =>
  async (victim: Victim): Promise<string> =>
    request(...make(await staffToken(victim, { jti: 'placed' })))

const answered = (name: string, make: Made, answer: Answer, over: Partial<Attack> = {}): Attack => ({
  name,
  send: sent(make),
  answers: [answer],
  logged: { rule: 'visits', principal: null },
  ...over,
})

const alice = JSON.stringify(['shop/visits/visitors', issuer, 'alice'])

const passed = (name: string, make: Made, reached: NonNullable<Attack['reached']>): Attack => ({
  name,
  send: sent(make),
  answers: ['passed'],
  reached,
  logged: { rule: 'visits', principal: alice, path: '/visits' },
})

const cookie = (text: string, ...headers: string[]): Parameters<typeof request> => [
  '/visits',
  { headers: [`Cookie: ${text}`, ...headers] },
]
const posted = (text: string, ...headers: string[]): Parameters<typeof request> => [
  '/visits',
  { method: 'POST', body: 'x', headers: [`Cookie: ${text}`, ...headers] },
]

attacks('credentials in cookies and queries', [
  passed(
    'a cookie that is a credential does not go on, others do byte for byte (POM-1)',
    (token) => cookie(`a="1, 2";b=%; session=${token};  c={"d":1}`),
    [{ target: '/visits', headers: { cookie: 'a="1, 2";b=%;  c={"d":1}', 'x-gatehouse-subject': 'alice' } }],
  ),
  passed('a cookie alone leaves no Cookie header', (token) => cookie(`session=${token}`), [
    { headers: { cookie: null } },
  ]),
  passed(
    'a parameter that is a credential does not go on (RFC 9700 4.3.2)',
    (token) => [`/visits?a=%31&access_token=${token}&b`],
    [{ target: '/visits?a=%31&b', headers: { 'x-gatehouse-subject': 'alice' } }],
  ),
  passed('nor does it percent-encoded', (token) => [`/visits?%61ccess%5Ftoken=${token}`], [{ target: '/visits' }]),
  passed(
    'a POST with the Origin of the page that it belongs to',
    (token) => posted(`session=${token}`, 'Origin: https://shop.example'),
    [{ method: 'POST', body: 'x', headers: { cookie: null, origin: 'https://shop.example' } }],
  ),
  passed('a POST from its own origin', (token) => posted(`session=${token}`, 'Origin: http://api.shop.example'), [
    { method: 'POST', headers: { cookie: null } },
  ]),
  answered(
    'a POST that another site makes a browser send',
    (token) => posted(`session=${token}`, 'Origin: https://evil.example'),
    crossSite,
  ),
  answered('a POST of which nobody says where it comes from', (token) => posted(`session=${token}`), crossSite),
  answered('a POST from a page without an origin', (token) => posted(`session=${token}`, 'Origin: null'), crossSite),
  answered(
    'an Origin that begins with an allowed one',
    (token) => posted(`session=${token}`, 'Origin: https://shop.example.evil.example'),
    crossSite,
  ),
  answered(
    'an allowed Origin beside another',
    (token) => posted(`session=${token}`, 'Origin: https://shop.example', 'Origin: https://evil.example'),
    crossSite,
  ),
  answered(
    'an Origin of the same host in plain text',
    (token) => posted(`session=${token}`, 'Origin: http://shop.example'),
    crossSite,
  ),
  answered(
    'a method that nobody knows',
    (token) => ['/visits', { method: 'PURGE', headers: [`Cookie: session=${token}`] }],
    crossSite,
  ),
  answered(
    'an API key in a cookie is no better',
    () => posted(`key=${apiKeys.good}`, 'Origin: https://shop.example'),
    crossSite,
  ),
  answered(
    'half of a WebSocket that another site opens (CVE-2026-133111)',
    (token) => cookie(`session=${token}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Origin: https://evil.example'),
    ['bad-request', 'form'],
    { logged: {} },
  ),
  answered('one cookie twice', (token) => cookie(`session=${token}; session=${token}`), ambiguous),
  answered('one cookie twice, in disguise', (token) => cookie(`session=${token};\tsession =x`), ambiguous),
  answered('two Cookie headers', (token) => cookie('a=1', `Cookie: session=${token}`), ambiguous),
  answered('one parameter twice', (token) => [`/visits?access_token=x&access_token=${token}`], ambiguous),
  answered(
    'one parameter twice, in disguise',
    (token) => [`/visits?access_token=${token}&%61ccess_token=x`],
    ambiguous,
  ),
  answered(
    'a token in a header and in a cookie',
    (token) => cookie(`session=${token}`, `Authorization: Bearer ${token}`),
    ambiguous,
  ),
  answered(
    'a token in the query and a key in a cookie',
    (token) => [`/visits?access_token=${token}`, { headers: [`Cookie: key=${apiKeys.good}`] }],
    ambiguous,
  ),
  answered(
    'a bad cookie beside a good token',
    (token) => cookie('session=x', `Authorization: Bearer ${token}`),
    unauthenticated,
  ),
  answered('a cookie in quotes', (token) => cookie(`session="${token}"`), unauthenticated),
  answered('an empty cookie where nobody needs one (CVE-2023-48312)', () => cookie('session='), unauthenticated),
  answered('an empty parameter where nobody needs one', () => ['/visits?access_token'], unauthenticated),
  answered('a parameter with a bad escape', () => ['/visits?key=%zz'], unauthenticated),
  {
    name: 'another parameter of nearly that name is none',
    send: request('/visits?Access_token=x&access_token%00=y&a;access_token=z'),
    answers: ['passed'],
    reached: [{ target: '/visits?Access_token=x&access_token%00=y&a;access_token=z' }],
    logged: { principal: null },
  },
  {
    name: 'elsewhere a cookie and a parameter are ordinary',
    send: async (victim) => {
      const token = (await staffToken(victim)).split('.').slice(1).join('.')
      return request(`/public?access_token=x`, { headers: [`Cookie: session=${token.slice(0, 8)}`, 'Cookie: a=1'] })
    },
    answers: ['passed'],
    reached: [{ target: '/public?access_token=x' }],
  },
])
