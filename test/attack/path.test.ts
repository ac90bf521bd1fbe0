import { attacks, request, type Attack } from './attack.ts'
import { host } from './shop.ts'

const refused = (name: string, target: string): Attack => ({
  name,
  send: request(target),
  answers: [['bad-path', 'form']],
  logged: { path: null, route: null },
})

/** Goes to the open part of the shop, and must arrive byte for byte. */
const opened = (name: string, target: string, arrives = target): Attack => ({
  name,
  send: request(target),
  answers: ['passed'],
  reached: [{ target: arrives }],
  logged: { rule: 'open' },
})

/** Asks for the guarded part in disguise, and must be seen through. */
const guarded = (name: string, target: string, over: Partial<Attack> = {}): Attack => ({
  name,
  send: request(target),
  answers: [['unauthenticated', 'authentication']],
  logged: { rule: 'orders', policy: 'shop/orders' },
  ...over,
})

/** Would pass, and lead a backend that reads the path otherwise to the guarded part. */
const misread = (name: string, target: string): Attack => ({
  ...refused(name, target),
  answers: [['bad-path', 'route']],
  logged: { route: null },
})

const nowhere = (name: string, target: string): Attack => ({
  name,
  send: request(target),
  answers: [['no-route', 'route']],
  logged: { route: null },
})

/** Costs more to tell than one request may. */
const untold = (name: string, target: string): Attack => ({
  name,
  send: request(target),
  answers: [['route-too-costly', 'route']],
  logged: { route: null },
})

attacks('path', [
  refused('dot segments out of the open part (CVE-2019-9901)', '/public/../orders'),
  refused('encoded dot segments (CVE-2026-33494)', '/public/%2e%2e/orders'),
  refused('one dot encoded', '/public/.%2E/orders'),
  refused('a single dot segment', '/public/./x'),
  refused('a dot segment at the end', '/public/x/..'),
  refused('an encoded slash (CVE-2021-29492)', '/public%2forders'),
  refused('an encoded slash behind dots', '/public/..%2Forders'),
  refused('an encoded backslash', '/public/..%5corders'),
  refused('raw backslashes (CVE-2021-21322)', '/public\\..\\orders'),
  refused('an empty first segment (CVE-2021-31920)', '//orders'),
  refused('an empty segment inside', '/public//orders'),
  refused('a fragment (CVE-2021-39156)', '/public#/../orders'),
  refused('a fragment in an absolute-form target (CVE-2023-47106)', `http://${host}/public#/orders`),
  refused('an empty segment in an absolute-form target (CVE-2026-112362)', `http://${host}//orders`),
  refused('dots in an absolute-form target', `http://${host}/public/../orders`),
  refused('an encoded NUL', '/orders%00.png'),
  refused('an escape that is no hex', '/public/%zz'),
  refused('an escape that is cut off', '/public/%4'),
  refused('dots before path parameters (CVE-2026-73511)', '/public/..;/orders'),
  refused('dots behind path parameters', '/public;x=1/../orders'),
  refused('an overlong UTF-8 dot', '/public/%c0%ae%c0%ae/orders'),
  refused('an overlong UTF-8 slash', '/public%e0%80%aforders'),
  refused('asterisk form with a method that has none', '*'),
  guarded('an encoded letter (CVE-2026-22031)', '/%6frders'),
  guarded('a decoy in the query (CVE-2025-54576)', '/orders?/public'),
  guarded('a fragment encoded in the query', '/orders?x=%23/public'),
  guarded('an absolute-form target (CVE-2026-112362)', `http://${host}/orders`),
  guarded('an absolute-form target in capitals', `HTTP://API.SHOP.EXAMPLE/orders`),
  {
    ...guarded('a decoy in headers (CVE-2026-40575)', '/orders'),
    send: request('/orders', {
      headers: [
        'X-Forwarded-Uri: /public',
        'X-Original-URI: /public',
        'X-Original-URL: /public',
        'X-Envoy-Original-Path: /public',
        'X-Rewrite-URL: /public',
      ],
    }),
  },
  {
    ...guarded('a health check that only says that it is one (CVE-2026-34457)', '/orders'),
    send: request('/orders', { headers: ['User-Agent: GoogleHC/1.0', 'User-Agent: kube-probe/1.36'] }),
  },
  guarded('every legal character behind the prefix (CVE-2025-46821)', "/orders/*:@!$&'()+,;=~"),
  guarded('a trailing slash', '/orders/'),
  guarded('a path parameter on the guarded segment of a longer path', '/orders/x;role=admin'),
  {
    ...guarded('a guarded part within the open one', '/public/private/x'),
    logged: { rule: 'private' },
  },
  misread('a path parameter on the guarded part within the open one (CVE-2026-73511)', '/public/private;x/y'),
  misread('an encoded delimiter before the guarded part', '/public/private%3Bx'),
  misread('the encoded delimiter of a guarded part that has one', '/public/@matrix%3Bv=1/x'),
  misread('an escape before the parameter of a guarded part', '/public/%40matrix;v=1/x'),
  misread('the same behind a parameter that a backend drops first', '/public/@matrix%3Bv=1;w/x'),
  misread('a guarded part in plain letters, whose rule has them in escapes', '/public/@private/x'),
  {
    ...guarded('a guarded part in escapes, as its rule has them', '/public/%40private/x'),
    logged: { rule: 'escaped' },
  },
  nowhere('an absolute-form target without a path (find-my-way 9.9.0)', `http://${host}?x=/public`),
  nowhere('another case of the path (CVE-2026-27587)', '/ORDERS'),
  nowhere('figures of the gateway (CVE-2026-49445)', '/metrics'),
  nowhere('a probe of the gateway (CVE-2024-40632)', '/readyz'),
  nowhere('a prefix that ends inside an element', '/publicly'),
  nowhere('an exact path with a trailing slash', '/exact/'),
  nowhere('a path parameter on the matched element', '/public;x'),
  {
    ...nowhere('a method that only another rule has', '/exact'),
    send: request('/exact', { method: 'DELETE' }),
  },
  {
    name: 'the reserved prefix',
    send: request('/.well-known/gatehouse/usage'),
    answers: [['no-route', 'reserved']],
  },
  {
    name: 'the reserved prefix with an encoded letter',
    send: request('/.well-known/%67atehouse/usage'),
    answers: [['no-route', 'reserved']],
  },
  {
    name: 'a body for the reserved prefix that never ends',
    send: request('/.well-known/gatehouse/usage', {
      method: 'POST',
      headers: ['Content-Type: application/json', 'Content-Length: 1000'],
    }),
    answers: [['no-route', 'reserved']],
  },
  {
    name: 'a body for the reserved prefix that is malformed',
    send: request('/.well-known/gatehouse/usage', {
      method: 'POST',
      headers: ['Content-Type: text/plain', 'Transfer-Encoding: chunked'],
    }).concat('zz\r\n'),
    answers: [['no-route', 'reserved']],
  },
  {
    name: 'a target of 20,000 bytes',
    send: request(`/public/${'a'.repeat(20_000)}`),
    answers: [['headers-too-large', 'form']],
    closed: true,
  },
  {
    name: 'asterisk form with OPTIONS',
    send: request('*', { method: 'OPTIONS' }),
    answers: [['not-implemented', 'form']],
  },
  {
    name: 'CONNECT (CVE-2026-71324)',
    send: request(`${host}:443`, { method: 'CONNECT' }),
    answers: [['not-implemented', 'form']],
    closed: true,
  },
  {
    name: 'an upgrade out of the open part (CVE-2021-21322)',
    send: request('/public/../orders', { headers: ['Connection: Upgrade', 'Upgrade: websocket'] }),
    answers: [['bad-request', 'form']],
    closed: true,
  },
  {
    name: 'a target without a slash (CVE-2026-33186)',
    send: request('orders'),
    answers: [['bad-request', 'form']],
    closed: true,
  },
  {
    name: 'a byte beyond ASCII (CVE-2026-73552)',
    send: request('/public/\xe9'),
    answers: [['bad-request', 'form']],
    closed: true,
  },
  {
    name: 'a space in the target',
    send: request('/public x'),
    answers: [['bad-request', 'form']],
    closed: true,
  },
  {
    name: 'an absolute-form target of another scheme',
    send: request(`https://${host}/orders`),
    answers: [['bad-request', 'form']],
  },
  untold('a path that an expression further down might have matched', `/x${'y'.repeat(300)}`),
  untold('a looser reading that runs out of steps', `/versioned/a;v=1/${'x'.repeat(300)}`),
  {
    name: 'a looser reading that nothing else matches',
    send: request(`/versioned/a;v=1/${'x'.repeat(100)}`),
    answers: ['passed'],
    reached: [{ target: `/versioned/a;v=1/${'x'.repeat(100)}` }],
  },
  opened('double encoding is decoded never (fasthttp)', '/public/%252e%252e/orders'),
  opened('an escape in lower-case hex', '/public/%c3%a9', '/public/%C3%A9'),
  opened('an unreserved character encoded', '/public/%7Ea%2Db', '/public/~a-b'),
  opened('full-width dots', '/public/%EF%BC%8E%EF%BC%8E/orders'),
  opened('an encoded line break (CVE-2022-31150)', '/public/%0D%0AX-Injected:%201'),
  opened('dots in the query', '/public?next=../../orders'),
  opened('an encoded question mark', '/public/%3Fx=1'),
  opened('three dots', '/public/...'),
])
