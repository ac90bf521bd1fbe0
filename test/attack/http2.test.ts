import type { Fields } from '../support/http2Frames.ts'
import { fieldsOf, http2Attacks, type Head, type Http2Attack } from './http2Attack.ts'
import { host } from './shop.ts'

const evil = 'GET /public/smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

/** What a line of HTTP/1.1 would end with, or be read otherwise for. */
const breaks = [
  ['CR LF', '\r\n'],
  ['LF', '\n'],
  ['CR', '\r'],
  ['NUL', '\0'],
] as const

type Rest = Partial<Http2Attack> & Pick<Http2Attack, 'outcome'>

const head = (name: string, said: Head, rest: Rest, ...more: Fields): Http2Attack => ({
  name,
  fields: fieldsOf(said, ...more),
  ...rest,
})

const withFields = (name: string, more: Fields, rest: Rest): Http2Attack => head(name, {}, rest, ...more)

const post = (name: string, more: Fields, rest: Rest): Http2Attack =>
  head(name, { method: 'POST' }, { body: ['abc'], ...rest }, ...more)

const wrong: Rest = { outcome: 'stream-error' }

/** Its parser leaves such a header out, and nothing else is wrong. */
const without = (name: string): Rest => ({ outcome: 'passed', reached: [{ headers: { [name]: null } }] })

const sound = fieldsOf({})

http2Attacks('HTTP/2 that becomes HTTP/1.1', [
  ...breaks.flatMap(([called, bytes]) => [
    withFields(`${called} in a value (CVE-2021-33193)`, [['x-a', `a${bytes}x-b: b`]], without('x-a')),
    withFields(
      `${called} before a request in a value (CVE-2026-42926)`,
      [['x-a', `a${bytes}${bytes}${evil}`]],
      without('x-a'),
    ),
    withFields(`${called} in a name`, [[`x-a: a${bytes}x-b`, 'b']], without('x-a')),
    head(`${called} in :path`, { path: `/public HTTP/1.1${bytes}x-b: b` }, wrong),
    head(`${called} in :method`, { method: `GET /public/smuggled HTTP/1.1${bytes}x: ` }, wrong),
    head(`${called} in :authority`, { authority: `${host}${bytes}x-b: b` }, wrong),
    head(`${called} in :scheme`, { scheme: `http${bytes}x-b: b` }, wrong),
    withFields(`${called} in a cookie`, [['cookie', `a=1${bytes}x-b: b`]], without('cookie')),
  ]),
  ...[
    ['a space', 'x a'],
    ['a colon', 'x-a:'],
    ['a tab', 'x-a\t'],
    ['DEL', 'x-a\x7f'],
    ['a byte beyond ASCII', 'x-a\xe9'],
    ['a bracket', 'x-a('],
  ].map(([called, name]) => withFields(`${called} in a name`, [[name!, 'b']], without('x-a'))),
  withFields('a capital in a name', [['X-A', 'b']], wrong),
  withFields('a name in capitals that frames', [['Content-Length', '3']], wrong),
  withFields('an empty name', [['', 'b']], without('x-a')),
  withFields('bytes beyond ASCII in a value', [['x-a', 'caf\xe9']], { outcome: ['bad-request', 'form'] }),
])

http2Attacks('pseudo-headers', [
  head('a space in :path', { path: '/public HTTP/1.1' }, wrong),
  head('a tab in :path', { path: '/public\tx' }, wrong),
  head('a fragment in :path', { path: '/public#x' }, { outcome: ['bad-path', 'form'] }),
  head('dot segments in :path', { path: '/public/%2e%2e/orders' }, { outcome: ['bad-path', 'form'] }),
  head('an encoded slash in :path', { path: '/public%2forders' }, { outcome: ['bad-path', 'form'] }),
  head('a :path without a slash (CVE-2026-33186)', { path: 'public' }, wrong),
  head('an empty :path', { path: '' }, wrong),
  head('a :path with a host', { path: `http://${host}/public` }, wrong),
  head(
    'a :path with a host, behind a scheme that its parser does not know',
    { path: 'http://a/public', scheme: 'x' },
    {
      outcome: ['bad-request', 'form'],
    },
  ),
  head('* of GET', { path: '*' }, wrong),
  head('* of OPTIONS', { path: '*', method: 'OPTIONS' }, { outcome: ['not-implemented', 'form'] }),
  head('a space in :method', { method: 'GET /public/smuggled HTTP/1.1' }, wrong),
  head('a space behind :method', { method: 'GET ' }, wrong),
  head('an empty :method', { method: '' }, wrong),
  head('a :method in small letters', { method: 'get' }, { outcome: ['not-implemented', 'form'] }),
  head('TRACE', { method: 'TRACE' }, { outcome: ['not-implemented', 'form'] }),
  {
    name: 'CONNECT',
    fields: [
      [':method', 'CONNECT'],
      [':authority', 'x:443'],
    ],
    outcome: ['not-implemented', 'form'],
  },
  {
    name: 'an extended CONNECT, which was never offered',
    fields: fieldsOf({ method: 'CONNECT' }, [':protocol', 'websocket']),
    ...wrong,
  },
  head('another :scheme', { scheme: 'https' }, { outcome: ['bad-request', 'form'] }),
  head('a :scheme with a host', { scheme: 'http://x/ ' }, wrong),
  head('an empty :scheme', { scheme: '' }, wrong),
  head('an empty :authority', { authority: '' }, wrong),
  head('user information in :authority', { authority: `x@${host}` }, wrong),
  head('two hosts in :authority', { authority: `${host},docs.shop.example` }, { outcome: ['bad-host', 'form'] }),
  head('a path in :authority', { authority: `${host}/public` }, wrong),
  head('a space in :authority', { authority: `${host} x` }, wrong),
  ...sound.map(([name, value]) => withFields(`${name} twice`, [[name, value]], wrong)),
  ...sound
    .filter(([name]) => name !== ':authority')
    .map(([name]) => ({ name: `no ${name}`, fields: sound.filter((field) => field[0] !== name), ...wrong })),
  { name: 'neither :authority nor Host', fields: sound.filter(([name]) => name !== ':authority'), ...wrong },
  withFields('a pseudo-header that does not exist', [[':x', 'y']], wrong),
  withFields('a pseudo-header of responses', [[':status', '200']], wrong),
  { name: 'a pseudo-header behind others', fields: [...sound.slice(0, 3), ['x-a', 'b'], sound[3]!], ...wrong },
  withFields('Host beside :authority that says another', [['host', 'docs.shop.example']], {
    outcome: ['bad-host', 'form'],
  }),
  withFields('Host beside :authority that says the same', [['host', host]], {
    outcome: 'passed',
    reached: [{ headers: { 'x-forwarded-host': host } }],
  }),
  withFields(
    'Host twice',
    [
      ['host', host],
      ['host', host],
    ],
    wrong,
  ),
  {
    name: 'Host alone',
    fields: [...sound.filter(([name]) => name !== ':authority'), ['host', host]],
    outcome: 'passed',
    reached: [{ headers: { 'x-forwarded-host': host } }],
  },
])

http2Attacks('framing in HTTP/2', [
  post('a coding', [['transfer-encoding', 'chunked']], { ...wrong, body: [`0\r\n\r\n${evil}`] }),
  withFields('a coding without a body', [['transfer-encoding', 'chunked']], wrong),
  withFields(
    'Connection',
    [
      ['connection', 'x-a'],
      ['x-a', 'b'],
    ],
    wrong,
  ),
  withFields('Keep-Alive', [['keep-alive', 'timeout=5']], wrong),
  withFields('Proxy-Connection', [['proxy-connection', 'close']], wrong),
  withFields('Upgrade', [['upgrade', 'websocket']], wrong),
  withFields('TE', [['te', 'gzip']], wrong),
  withFields('TE with trailers and more', [['te', 'trailers, chunked']], wrong),
  withFields('HTTP2-Settings', [['http2-settings', 'AAAA']], { outcome: ['bad-request', 'form'] }),
  post('a length of 0 before a body (H2.CL)', [['content-length', '0']], { outcome: 'connection-error', body: [evil] }),
  post('a length that is too small', [['content-length', '2']], { outcome: 'connection-error' }),
  post('a length that is too large', [['content-length', '9']], { ...wrong, reached: 'Torn' }),
  withFields('a length without a body', [['content-length', '9']], wrong),
  post(
    'two lengths that differ',
    [
      ['content-length', '3'],
      ['content-length', '4'],
    ],
    wrong,
  ),
  post(
    'two lengths that agree',
    [
      ['content-length', '3'],
      ['content-length', '3'],
    ],
    wrong,
  ),
  ...['3, 3', '+3', '-3', ' 3', '0x3', '3 ', '', '18446744073709551619', '3\r\nx: y'].map((length) =>
    post(`the length ${JSON.stringify(length)}`, [['content-length', length]], wrong),
  ),
  post('a request in a body without a length (H2.TE)', [], {
    outcome: 'passed',
    body: [`0\r\n\r\n${evil}`],
    reached: [{ method: 'POST', body: `0\r\n\r\n${evil}`, headers: { 'content-length': null } }],
  }),
  post('a request in a body with its length', [['content-length', String(evil.length)]], {
    outcome: 'passed',
    body: [evil],
    reached: [{ method: 'POST', body: evil, headers: { 'transfer-encoding': null } }],
  }),
  head(
    'a body of a wrong type without a length',
    { method: 'POST', path: '/form-types' },
    { outcome: ['unsupported-media-type', 'validation'], body: ['abc'] },
    ['content-type', 'text/xml'],
  ),
  head(
    'a body of a wrong form without a length',
    { method: 'POST', path: '/form-order' },
    { outcome: ['validation-failed', 'validation'], body: ['{"sku":', '1}'] },
    ['content-type', 'application/json'],
  ),
  head('a body of GET', {}, { outcome: 'passed', body: [evil], reached: [{ method: 'GET', body: evil }] }),
  post(
    'an underscore in a name that frames',
    [
      ['content_length', '999'],
      ['transfer_encoding', 'chunked'],
    ],
    {
      outcome: 'passed',
      reached: [{ method: 'POST', body: 'abc', headers: { 'content-length': null } }],
    },
  ),
  ...[
    ['content-length', '9'],
    ['transfer-encoding', 'chunked'],
  ].map(([name, value]) => post(`${name} in trailers`, [], { ...wrong, trailers: [[name!, value!]], reached: 'Torn' })),
  post('trailers that route and authenticate', [], {
    outcome: 'passed',
    trailers: [
      ['host', 'x'],
      ['authorization', 'x'],
      ['x-gatehouse-subject', 'admin'],
    ],
    reached: [{ method: 'POST', body: 'abc', headers: { authorization: null, 'x-gatehouse-subject': null } }],
  }),
  post('a pseudo-header in trailers', [], { ...wrong, trailers: [[':path', '/orders']], reached: 'Torn' }),
  post('a name in capitals in trailers', [], { ...wrong, trailers: [['X-A', 'b']], reached: 'Torn' }),
  withFields(
    'headers that only the gateway may set',
    [
      ['x-gatehouse-subject', 'admin'],
      ['x_gatehouse_subject', 'admin'],
    ],
    {
      outcome: 'passed',
      reached: [{ headers: { 'x-gatehouse-subject': null } }],
    },
  ),
])
