import { attacks, request, type Attack } from './attack.ts'
import { host } from './shop.ts'

const refused = (name: string, headers: readonly string[], target = '/public'): Attack => ({
  name,
  send: `GET ${target} HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`,
  answers: [['bad-host', 'form']],
  logged: { host: null },
})

const nowhere = (name: string, hostHeader: string): Attack => ({
  name,
  send: request('/public', { host: hostHeader }),
  answers: [['no-route', 'route']],
})

/** Another spelling of the shop's host must find the shop, and its guard. */
const same = (name: string, hostHeader: string): Attack => ({
  name,
  send: request('/orders', { host: hostHeader }),
  answers: [['unauthenticated', 'authentication']],
  logged: { host, rule: 'orders' },
})

attacks('host', [
  refused('no Host', []),
  refused('two different Hosts', [`Host: ${host}`, 'Host: docs.shop.example']),
  refused('the same Host twice', [`Host: ${host}`, `Host: ${host}`]),
  refused('an empty Host', ['Host: ']),
  refused('a list of hosts', [`Host: ${host}, docs.shop.example`]),
  refused('user information', [`Host: admin@${host}`]),
  refused('a path in Host (CVE-2023-29406)', [`Host: ${host}/public`]),
  refused('a query in Host', [`Host: ${host}?x`]),
  refused('a space inside', ['Host: api.shop .example']),
  refused('a percent escape', ['Host: api%2eshop.example']),
  refused('a port that is no number', [`Host: ${host}:http`]),
  refused('a port beyond 65535', [`Host: ${host}:65616`]),
  refused('an empty port', [`Host: ${host}:`]),
  refused('an empty label', ['Host: api..shop.example']),
  refused('a leading dot', ['Host: .shop.example']),
  refused('an IPv6 literal that does not end', ['Host: [::1']),
  refused('an IPv6 literal that is none', ['Host: [api.shop.example]']),
  refused('a name of 300 characters', [`Host: ${'a'.repeat(60)}${'.aaaaaaaaa'.repeat(24)}`]),
  refused('a backslash', ['Host: api.shop.example\\@evil.example']),
  refused('user information in an absolute-form target', [`Host: ${host}`], `http://${host}@evil.example/orders`),
  refused('a bad host in an absolute-form target', [`Host: ${host}`], 'http://api..shop.example/orders'),
  refused('an absolute-form target does not excuse a bad Host', ['Host: a b'], `http://${host}/public`),
  {
    name: 'HTTP/1.0 without Host',
    send: 'GET /public HTTP/1.0\r\n\r\n',
    answers: [['bad-host', 'form']],
    closed: true,
  },
  {
    name: 'a byte beyond ASCII in Host',
    send: request('/public', { host: 'api.sh\xf6p.example' }),
    answers: [['bad-request', 'form']],
  },
  {
    name: 'a NUL in Host (CVE-2026-105482)',
    send: request('/public', { host: `${host}\0.evil.example` }),
    answers: [['bad-request', 'form']],
    closed: true,
  },
  same('capitals (CVE-2021-39155)', 'API.Shop.EXAMPLE'),
  same('the dot of the root (CVE-2022-23632)', `${host}.`),
  same('a port', `${host}:8080`),
  nowhere('a host that nobody serves', 'evil.example'),
  nowhere('a host that only begins like the shop', `${host}.evil.example`),
  nowhere('a host that only ends like the shop', `evil-${host}`),
  nowhere('a dot is no wildcard (CVE-2026-39350)', 'apixshop.example'),
  nowhere('a wildcard covers no bare domain', 'wild.example'),
  refused('a wildcard of the client', ['Host: *.wild.example']),
  {
    name: 'an absolute-form target counts, not Host (RFC 9112 3.2.2)',
    send: request(`http://${host}/orders`, { host: 'docs.shop.example' }),
    answers: [['unauthenticated', 'authentication']],
    logged: { host, rule: 'orders' },
  },
  {
    name: 'an absolute-form target of another host does not lead to the shop',
    send: request('http://evil.example/public'),
    answers: [['no-route', 'route']],
    logged: { host: 'evil.example' },
  },
  {
    name: 'X-Forwarded-Host does not route',
    send: request('/public', { host: 'evil.example', headers: [`X-Forwarded-Host: ${host}`] }),
    answers: [['no-route', 'route']],
    logged: { host: 'evil.example' },
  },
  {
    name: 'the backend is never told the client\u2019s Host as its own',
    send: request('/public', { host: `${host}:8080` }),
    answers: ['passed'],
    reached: [{ headers: { 'x-forwarded-host': `${host}:8080` } }],
    logged: { host },
  },
])
