import { apiKeys } from './apiKeys.ts'
import { attacks, request, type Answer, type Attack } from './attack.ts'
import { quotaAttacks } from './quotaAttacks.ts'
import { staffToken } from './tokens.ts'
import type { Victim } from './victim.ts'

const passed = (count: number): Answer[] => Array.from({ length: count }, () => 'passed')
const tooMany = (check: 'request-quota' | 'principal-quota'): Answer => ['quota-exceeded', check]

/** Requests on one connection; the last is one too many. */
const burst = (name: string, requests: readonly string[], over: Partial<Attack> = {}): Attack => ({
  name,
  send: requests.join(''),
  answers: [...passed(requests.length - 1), tooMany('request-quota')],
  reached: Array.from({ length: requests.length - 1 }, () => ({})),
  answered: { 'retry-after': /^[1-9]\d*$/ },
  ...over,
})

const from = (address: string, target: string): string => request(target, { headers: [`X-Forwarded-For: ${address}`] })

const repeated = (count: number, text: string): string[] => Array.from({ length: count }, () => text)

const signed = (
  name: string,
  requests: (victim: Victim) => Promise<string[]>,
  answers: readonly Answer[],
  over: Partial<Attack> = {},
): Attack => ({
  name,
  send: async (victim) => (await requests(victim)).join(''),
  answers,
  reached: answers.filter((answer) => answer === 'passed').map(() => ({})),
  ...over,
})

const by = async (victim: Victim, target: string, claims: Parameters<typeof staffToken>[1]): Promise<string> =>
  request(target, { headers: [`Authorization: Bearer ${await staffToken(victim, claims)}`] })

const withKey = (key: string, target: string): string => request(target, { headers: [`X-Api-Key: ${key}`] })

attacks('quota', [
  burst('one more than the burst', repeated(4, request('/per-ip')), {
    answered: {
      'retry-after': /^[1-9]\d*$/,
      ratelimit: /^"per-ip";r=0;t=\d+$/,
      'ratelimit-policy': /^"per-ip";q=3;w=3600$/,
    },
    logged: { quota: 'per-ip', quotaRemaining: 0, policy: 'shop/per-ip' },
  }),
  {
    name: 'another address in a header that nobody believes',
    send: from('198.51.100.1', '/per-ip'),
    answers: [tooMany('request-quota')],
  },
  {
    name: 'another path, another method, a query',
    send: `${request('/per-ip/x')}${request('/per-ip', { method: 'POST' })}${request('/per-ip?x=1')}`,
    answers: [tooMany('request-quota'), tooMany('request-quota'), tooMany('request-quota')],
  },
  {
    name: 'another spelling of host and path',
    send: `${request('/%70er-ip', { host: 'API.shop.example:80' })}${request('http://api.shop.example/per-ip/%7e')}`,
    answers: [tooMany('request-quota'), tooMany('request-quota')],
  },
  {
    name: 'another connection and another listener',
    listener: 'front',
    send: from('127.0.0.1', '/per-ip'),
    answers: [tooMany('request-quota')],
  },
  {
    name: 'another route under the same policy (M16)',
    send: request('/per-ip-too'),
    answers: [tooMany('request-quota')],
    logged: { route: 'shop/limited-too' },
  },
  {
    name: 'another client still passes',
    listener: 'front',
    send: from('198.51.100.99', '/per-ip'),
    answers: ['passed'],
    reached: [{}],
    answered: { ratelimit: /^"per-ip";r=2;/ },
  },
  burst(
    'one address in two spellings (CVE-2026-30827)',
    [
      from('198.51.100.10', '/per-ip'),
      from('::ffff:198.51.100.10', '/per-ip'),
      from('::FFFF:C633:640A', '/per-ip'),
      from('198.51.100.10:4711', '/per-ip'),
    ],
    { listener: 'front' },
  ),
  burst(
    'addresses of one IPv6 network',
    [
      from('2001:db8:1:2::1', '/per-ip'),
      from('2001:db8:1:2:ffff::1', '/per-ip'),
      from('2001:0DB8:0001:0002::3', '/per-ip'),
      from('[2001:db8:1:2::4]:80', '/per-ip'),
    ],
    { listener: 'front' },
  ),
  {
    name: 'the next IPv6 network is another client',
    listener: 'front',
    send: from('2001:db8:1:3::1', '/per-ip'),
    answers: ['passed'],
    reached: [{}],
  },
  burst('pipelined in one packet, each is counted', repeated(6, request('/per-ip-parallel'))),
  signed(
    'a refused credential costs what a good one costs (M8)',
    async (victim) => [...repeated(3, request('/per-ip-staff')), await by(victim, '/per-ip-staff', {})],
    [
      ['unauthenticated', 'authentication'],
      ['unauthenticated', 'authentication'],
      ['unauthenticated', 'authentication'],
      tooMany('request-quota'),
    ],
  ),
  signed(
    'one principal with many tokens',
    async (victim) => [
      await by(victim, '/per-principal', { jti: '1' }),
      await by(victim, '/per-principal', { jti: '2', tid: 'globex' }),
      await by(victim, '/per-principal', { jti: '3', roles: [] }),
      await by(victim, '/per-principal', { jti: '4' }),
    ],
    [...passed(3), tooMany('principal-quota')],
    { logged: { quota: 'per-principal', policy: 'shop/per-principal' } },
  ),
  signed(
    'another principal is not held up, nor one whose name looks alike (CVE-2026-71326)',
    async (victim) => [
      await by(victim, '/per-principal', { sub: 'bob' }),
      await by(victim, '/per-principal', { sub: 'alice"]' }),
      await by(victim, '/per-principal', { sub: 'Alice' }),
      await by(victim, '/per-principal', { sub: 'alice ' }),
    ],
    passed(4),
  ),
  signed(
    'an API key with the name of a principal is somebody else (M5)',
    async (victim) => [
      await by(victim, '/per-principal', { sub: 'good' }),
      await by(victim, '/per-principal', { sub: 'good' }),
      await by(victim, '/per-principal', { sub: 'good' }),
      withKey(apiKeys.good, '/per-principal'),
    ],
    passed(4),
  ),
  signed(
    'bad credentials cost a principal nothing',
    async (victim) => [
      ...repeated(5, request('/per-principal', { headers: ['Authorization: Bearer x'] })),
      await by(victim, '/per-principal', { sub: 'carol' }),
    ],
    [...Array.from({ length: 5 }, (): Answer => ['unauthenticated', 'authentication']), 'passed'],
    { answered: { ratelimit: /^"per-principal";r=2;/ } },
  ),
  signed(
    'one tenant with many principals',
    async (victim) => [
      await by(victim, '/per-tenant', { sub: 'a' }),
      await by(victim, '/per-tenant', { sub: 'b' }),
      withKey(apiKeys.good, '/per-tenant'),
      await by(victim, '/per-tenant', { sub: 'c' }),
    ],
    [...passed(3), tooMany('principal-quota')],
  ),
  signed(
    'who has no tenant, or one that the provider may not claim, shares one bucket (M16)',
    async (victim) => [
      await by(victim, '/per-tenant', { sub: 'a', tid: undefined }),
      await by(victim, '/per-tenant', { sub: 'b', tid: 'globex' }),
      await by(victim, '/per-tenant', { sub: 'c', tid: undefined }),
      await by(victim, '/per-tenant', { sub: 'd', tid: 'initech' }),
    ],
    [...passed(3), tooMany('principal-quota')],
  ),
  signed(
    'who has no API key shares one bucket (M16)',
    async (victim) => [
      await by(victim, '/per-key', { sub: 'a' }),
      await by(victim, '/per-key', { sub: 'b' }),
      await by(victim, '/per-key', { sub: 'c' }),
      await by(victim, '/per-key', { sub: 'd' }),
      withKey(apiKeys.good, '/per-key'),
    ],
    [...passed(3), tooMany('principal-quota'), 'passed'],
  ),
  {
    name: 'a quota by route counts each route for itself (M16)',
    send: [...repeated(4, request('/per-route')), request('/per-route-too')].join(''),
    answers: [...passed(3), tooMany('request-quota'), 'passed'],
    reached: [{}, {}, {}, {}],
  },
  {
    name: 'a quota that is broken refuses all that it covers (M7)',
    send: request('/broken-quota'),
    answers: [['config-invalid', 'config']],
  },
  ...quotaAttacks,
])
