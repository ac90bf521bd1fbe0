import { attacks, request, type Attack } from './attack.ts'
import { audience, host } from './shop.ts'
import type { Victim } from './victim.ts'

/** Sent to the open part with headers that must not arrive as they are. */
const stripped = (
  name: string,
  headers: readonly string[],
  arrives: Readonly<Record<string, string | null>>,
): Attack => ({
  name,
  send: request('/public', { headers }),
  answers: ['passed'],
  reached: [{ headers: arrives }],
})

const refused = (name: string, headers: readonly string[]): Attack => ({
  name,
  send: request('/public', { headers }),
  answers: [['bad-request', 'form']],
})

const broken = (name: string, headers: readonly string[]): Attack => ({ ...refused(name, headers), closed: true })

const staffToken = (victim: Victim): Promise<string> =>
  victim.idp.rsa.sign({ sub: 'alice', aud: audience, roles: ['admin'], tid: 'acme' }, { typ: 'at+jwt' })

/** Sent to the guarded part by somebody who may, with headers that try to be somebody else. */
const signedIn = (
  name: string,
  headers: readonly string[],
  arrives: Readonly<Record<string, string | null>>,
): Attack => ({
  name,
  send: async (victim) =>
    request('/orders', { headers: [`Authorization: Bearer ${await staffToken(victim)}`, ...headers] }),
  answers: ['passed'],
  reached: [{ headers: arrives }],
  logged: { rule: 'orders', item: 'readers-read' },
})

const alice = { 'x-gatehouse-subject': 'alice' } as const

attacks('headers', [
  stripped('an identity header', ['X-Gatehouse-Subject: root'], { 'x-gatehouse-subject': null }),
  stripped('an identity header with underscores (CVE-2025-64484)', ['X_Gatehouse_Subject: root'], {
    'x-gatehouse-subject': null,
  }),
  stripped('an identity header with dots, which a CGI backend reads as underscores', ['X.Gatehouse~Subject: root'], {
    'x-gatehouse-subject': null,
  }),
  {
    ...stripped('a second length with an underscore, which a CGI backend reads as the first', [], {
      'content-length': '5',
    }),
    send: request('/public', { method: 'POST', headers: ['Content_Length: 2'], body: 'abcde' }),
  },
  stripped('an identity header half with underscores', ['x-gatehouse_ROLES: admin'], { 'x-gatehouse-roles': null }),
  stripped('X-Forwarded-For of a peer that nobody trusts (CVE-2026-35051)', ['X-Forwarded-For: 10.1.2.3'], {
    'x-forwarded-for': '127.0.0.1',
  }),
  stripped('X-Forwarded-Proto and -Host', ['X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.example'], {
    'x-forwarded-proto': 'http',
    'x-forwarded-host': host,
  }),
  stripped(
    'members of the X-Forwarded family that the gateway does not write',
    ['X-Forwarded-Prefix: /admin', 'X_Forwarded_User: root'],
    {
      'x-forwarded-prefix': null,
      'x-forwarded-user': null,
    },
  ),
  stripped(
    'members of the X-Forwarded family that somebody reads (CVE-2026-54764)',
    [
      'X-Forwarded-Port: 1',
      'X-Forwarded-Server: evil.example',
      'X-Forwarded-Scheme: https',
      'X-Forwarded-Ssl: on',
      'X-Forwarded-Uri: /orders',
      'X-Forwarded-Method: DELETE',
      'X-Forwarded-Tls-Client-Cert: MIIB',
      'X-Forwarded-Email: root@shop.example',
    ],
    {
      'x-forwarded-port': null,
      'x-forwarded-server': null,
      'x-forwarded-scheme': null,
      'x-forwarded-ssl': null,
      'x-forwarded-uri': null,
      'x-forwarded-method': null,
      'x-forwarded-tls-client-cert': null,
      'x-forwarded-email': null,
    },
  ),
  stripped(
    'members of the X-Forwarded family with underscores (CVE-2026-33433)',
    ['X_Forwarded_Proto: https', 'X-Forwarded_For: 10.1.2.3', 'x_forwarded-host: evil.example'],
    { 'x-forwarded-proto': 'http', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': host },
  ),
  stripped('Forwarded', ['Forwarded: for=10.1.2.3;proto=https'], {
    forwarded: `for=127.0.0.1;host="${host}";proto=http`,
  }),
  stripped('X-Real-IP (CVE-2022-24112)', ['X-Real-IP: 10.1.2.3'], { 'x-real-ip': null }),
  stripped('X-Original-URL and X-Rewrite-URL', ['X-Original-URL: /orders', 'X-Rewrite-URL: /orders'], {
    'x-original-url': null,
    'x-rewrite-url': null,
  }),
  stripped(
    'method overrides',
    ['X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE'],
    {
      'x-http-method-override': null,
      'x-http-method': null,
      'x-method-override': null,
    },
  ),
  stripped(
    'client certificate headers (RFC 9440)',
    ['Client-Cert: :AAAA:', 'Client-Cert-Chain: :AAAA:', 'X-Client-Cert: AAAA'],
    {
      'client-cert': null,
      'client-cert-chain': null,
      'x-client-cert': null,
    },
  ),
  stripped(
    'hop-by-hop headers',
    ['Keep-Alive: timeout=9', 'Proxy-Connection: keep-alive', 'Proxy-Authorization: Basic eDp5'],
    {
      'keep-alive': null,
      'proxy-connection': null,
      'proxy-authorization': null,
    },
  ),
  stripped('headers that Connection nominates', ['Connection: X-Secret, close', 'X-Secret: 1', 'X-Kept: 1'], {
    'x-secret': null,
    'x-kept': '1',
  }),
  stripped('TE other than trailers', ['TE: gzip, trailers;q=0.5', 'Connection: TE'], { te: 'trailers' }),
  stripped('a request id of the client', ['X-Request-Id: 00000000-0000-0000-0000-000000000000', 'X_Request_Id: 1'], {}),
  stripped(
    'h2c is not tunnelled (CVE-2022-41721)',
    ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
    {
      upgrade: null,
      'http2-settings': null,
    },
  ),
  {
    ...stripped('a body behind an offer of h2c stays a body (CVE-2022-41721)', [], {}),
    send: request('/public', {
      method: 'POST',
      headers: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
      body: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    }),
    reached: [{ method: 'POST', body: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', headers: { upgrade: null } }],
  },
  stripped('a header called __proto__ (CVE-2026-21710)', ['__proto__: 1', 'constructor: 2'], { constructor: '2' }),
  signedIn(
    'nominating the gateway\u2019s own identity header (CVE-2026-33805)',
    ['Connection: X-Gatehouse-Subject'],
    alice,
  ),
  signedIn('nominating it in lower case with spaces', ['Connection: close ,  x-gatehouse-subject '], alice),
  signedIn('nominating it with underscores (CVE-2026-29054)', ['Connection: x_gatehouse_subject'], alice),
  signedIn('nominating X-Forwarded-For (CVE-2024-45410)', ['Connection: x-forwarded-for'], {
    'x-forwarded-for': '127.0.0.1',
  }),
  signedIn('nominating Host', ['Connection: Host'], alice),
  signedIn(
    'claiming to be another principal beside a good token',
    ['X-Gatehouse-Subject: root', 'X_GATEHOUSE_TENANT: other'],
    {
      ...alice,
      'x-gatehouse-tenant': 'acme',
    },
  ),
  signedIn('the credential stays at the gateway', ['Authorization_: x'], { authorization: null }),
  {
    name: 'nominating Content-Length leaves the body a body (CVE-2026-6338)',
    send: request('/public', {
      method: 'POST',
      headers: ['Connection: Content-Length'],
      body: 'GET /orders HTTP/1.1\r\nHost: x\r\n\r\n',
    }),
    answers: ['passed'],
    reached: [{ method: 'POST', body: 'GET /orders HTTP/1.1\r\nHost: x\r\n\r\n' }],
  },
  {
    name: 'an identity header where the policy has nothing to say of it (CVE-2026-30851)',
    send: request('/mixed', { headers: ['X-Gatehouse-Subject: root', 'X-Gatehouse-Roles: admin'] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-gatehouse-subject': null, 'x-gatehouse-roles': null } }],
    logged: { principal: null },
  },
  {
    name: 'X-Forwarded-For of a trusted peer: the right-most entry that is not trusted counts',
    listener: 'front',
    send: request('/public', { headers: ['X-Forwarded-For: 192.0.2.66, 198.51.100.7, 10.0.0.9'] }),
    answers: ['passed'],
    reached: [{}],
    logged: { clientAddress: '198.51.100.7' },
  },
  {
    name: 'X-Forwarded-For with an address in IPv4-mapped form (CVE-2026-92395)',
    listener: 'front',
    send: request('/public', { headers: ['X-Forwarded-For: ::ffff:198.51.100.7'] }),
    answers: ['passed'],
    reached: [{}],
    logged: { clientAddress: '198.51.100.7' },
  },
  {
    name: 'X-Forwarded-For with an entry that is no address ends there',
    listener: 'front',
    send: request('/public', { headers: ['X-Forwarded-For: 198.51.100.7, unknown'] }),
    answers: ['passed'],
    reached: [{}],
    logged: { clientAddress: '127.0.0.1' },
  },
  {
    name: 'a value that a route asks for, and another beside it (CVE-2026-26308)',
    send: request('/versioned', { headers: ['X-Version: 2', 'X-Version: 1'] }),
    answers: [['ambiguous-header', 'route']],
  },
  refused('obs-text in a value (CVE-2026-73552)', ['X-Note: caf\xe9']),
  broken('a NUL in a value', ['X-Note: a\0b']),
  broken('a bare CR in a value (CVE-2023-30589)', ['X-Note: a\rX-Gatehouse-Subject: root']),
  broken('a line that is folded', ['X-Note: a', ' b']),
  broken('a space before the colon (CVE-2019-15605)', ['Content-Length : 5']),
  broken('an empty name (CVE-2023-25725)', [': 1']),
  broken('a name with a parenthesis', ['X(: 1']),
  broken('a line without a colon', ['X-Note']),
  {
    name: 'more than a hundred lines (CVE-2026-58044)',
    send: request('/public', { headers: Array.from({ length: 140 }, (_, index) => `X-${index}: 1`) }),
    answers: [['headers-too-large', 'form']],
  },
  {
    name: 'a hidden Content-Length behind two thousand lines (CVE-2026-58044)',
    send: request('/public', {
      method: 'POST',
      headers: [...Array.from({ length: 1990 }, () => 'a:'), 'Content-Length: 5', 'b:'],
    }),
    answers: [['headers-too-large', 'form']],
    closed: true,
  },
  {
    name: 'a header section of 20 KiB',
    send: request('/public', { headers: [`X-Long: ${'a'.repeat(20 * 1024)}`] }),
    answers: [['headers-too-large', 'form']],
    closed: true,
  },
  {
    name: 'an expectation that nobody can meet',
    send: request('/public', { headers: ['Expect: teapot'] }),
    answers: [['expectation-failed', 'form']],
  },
  {
    name: 'a body that waits for 100 is refused without being asked for',
    send: `POST /orders HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`,
    answers: [['unauthenticated', 'authentication']],
    closed: true,
  },
  {
    name: 'a WebSocket upgrade with bytes behind it (CVE-2026-2833)',
    send: `${request('/public', { headers: ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13'] })}\x81\x85abcdefghi`,
    answers: [['not-implemented', 'route']],
    closed: true,
  },
])
