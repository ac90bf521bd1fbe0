import { sendRaw } from '../support/raw.ts'
import { attacks, request, type Attack } from './attack.ts'
import { host } from './shop.ts'

const post = (headers: readonly string[], body: string, version = '1.1'): string =>
  `POST /public HTTP/${version}\r\nHost: ${host}\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n${body}`

/** Two readings of where the request ends: no reading is right, and nothing behind it is looked at. */
const doubtful = (name: string, headers: readonly string[], body: string, version?: string): Attack => ({
  name,
  send: post(headers, body, version),
  answers: [['bad-request', 'form']],
  closed: true,
})

const smuggled = `GET /public/smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`

/** The head is sound and permitted, the body turns out not to be: nothing may arrive as a whole request. */
const tornBody = (name: string, body: string): Attack => ({
  ...doubtful(name, ['Transfer-Encoding: chunked'], body),
  reached: 'Torn',
  logged: { log: 'audit', decision: 'permit', completed: false },
})

const line = (name: string, bytes: string): Attack => ({
  name,
  send: bytes,
  answers: [['bad-request', 'form']],
  closed: true,
})

attacks('framing', [
  doubtful(
    'Content-Length and Transfer-Encoding (RFC 9112 6.3)',
    ['Content-Length: 6', 'Transfer-Encoding: chunked'],
    `0\r\n\r\n${smuggled}`,
  ),
  doubtful(
    'Transfer-Encoding and Content-Length',
    ['Transfer-Encoding: chunked', 'Content-Length: 4'],
    `5c\r\n${smuggled}`,
  ),
  doubtful('two Content-Lengths that differ (CVE-2026-54388)', ['Content-Length: 0', 'Content-Length: 50'], smuggled),
  doubtful('two Content-Lengths that agree', ['Content-Length: 3', 'Content-Length: 3'], 'abc'),
  doubtful('a list of lengths', ['Content-Length: 3, 3'], 'abc'),
  doubtful('a length with a sign (CVE-2020-35863)', ['Content-Length: +3'], 'abc'),
  doubtful('a negative length', ['Content-Length: -1'], 'abc'),
  doubtful('a length in hex', ['Content-Length: 0x3'], 'abc'),
  doubtful('an empty length (CVE-2023-40225)', ['Content-Length: '], smuggled),
  doubtful('a length with a space inside (CVE-2026-58044)', ['Content-Length: 1 0'], 'abcdefghij'),
  doubtful('a length beyond 64 bits (CVE-2021-40346)', ['Content-Length: 18446744073709551619'], 'abc'),
  doubtful('chunked is not the last coding', ['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${smuggled}`),
  doubtful('an unknown coding', ['Transfer-Encoding: xchunked'], `0\r\n\r\n${smuggled}`),
  doubtful('identity as the coding', ['Transfer-Encoding: identity'], smuggled),
  doubtful(
    'a vertical tab before chunked (CVE-2022-32213)',
    ['Transfer-Encoding: \x0bchunked'],
    `0\r\n\r\n${smuggled}`,
  ),
  doubtful('a folded Transfer-Encoding (CVE-2022-32215)', ['Transfer-Encoding:', ' chunked'], `0\r\n\r\n${smuggled}`),
  doubtful(
    'chunked twice in two lines (CVE-2020-8287)',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    `0\r\n\r\n${smuggled}`,
  ),
  doubtful(
    'chunked in one line and another coding in the next (CVE-2020-8287)',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: eee'],
    `0\r\n\r\n${smuggled}`,
  ),
  doubtful('chunked twice in one line', ['Transfer-Encoding: chunked, chunked'], `0\r\n\r\n${smuggled}`),
  doubtful('a quoted coding', ['Transfer-Encoding: "chunked"'], `0\r\n\r\n${smuggled}`),
  doubtful(
    'Transfer-Encoding in HTTP/1.0 (CVE-2026-2835)',
    ['Transfer-Encoding: chunked', 'Connection: keep-alive'],
    `0\r\n\r\n${smuggled}`,
    '1.0',
  ),
  tornBody('a chunk size with a sign', `+3\r\nabc\r\n0\r\n\r\n`),
  tornBody('a chunk size in 0x form', `0x3\r\nabc\r\n0\r\n\r\n`),
  tornBody('a chunk size with an underscore', `1_0\r\nabcdefghijklmnop\r\n0\r\n\r\n`),
  tornBody('a chunk size beyond 64 bits (CVE-2021-32714)', `fffffffffffffffff\r\nabc\r\n0\r\n\r\n`),
  tornBody('a chunk size line that is empty', `\r\nabc\r\n0\r\n\r\n`),
  tornBody('a bare LF behind a chunk size (CVE-2025-22871)', `3\nabc\r\n0\r\n\r\n`),
  tornBody('a chunk longer than its size', `3\r\nabcdef\r\n0\r\n\r\n`),
  tornBody('a chunk extension without end (CVE-2024-22019)', `3;${'a'.repeat(20_000)}`),
  tornBody('a bare LF in a chunk extension (CVE-2026-48937)', `3;a\nb\r\nabc\r\n0\r\n\r\n`),
  line('a version that does not exist', request('/public', { version: '1.2' })),
  line('a preface of HTTP/2 that goes wrong', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r'),
  { ...line('HTTP/0.9', 'GET /public\r\n\r\n'), answers: [['bad-host', 'form']] },
  line(
    'a CR in a name (CVE-2020-8201)',
    `POST /public HTTP/1.1\r\nHost: ${host}\r\nContent\rLength: 5\r\n\r\n${smuggled}`,
  ),
  line(
    'a first line that is folded (CVE-2024-27982)',
    `POST /public HTTP/1.1\r\n Content-Length: 60\r\nHost: ${host}\r\n\r\n${smuggled}`,
  ),
  line('a method in lower case', request('/public', { method: 'get' })),
  line('a method that nobody knows', request('/public', { method: 'SMUGGLE' })),
  line('a tab in the request line', `GET\t/public\tHTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  line('lines that end in LF alone', `GET /public HTTP/1.1\nHost: ${host}\n\n`),
  line('a head that ends in CR alone (CVE-2023-30589)', `GET /public HTTP/1.1\r\nHost: ${host}\r\r${smuggled}`),
  line('an empty line and a byte too many (CVE-2025-23167)', `GET /public HTTP/1.1\r\nHost: ${host}\r\n\rX${smuggled}`),
  line('a TLS hello on a plain port', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'),
  {
    name: 'a request behind a doubtful one is not looked at',
    send: [post(['Content-Length: 3', 'Content-Length: 4'], 'abc'), smuggled],
    answers: [['bad-request', 'form']],
    closed: true,
  },
  {
    name: 'rubbish behind a sound request',
    send: `${request('/public')}\0\0\0\r\n\r\n`,
    answers: ['passed', ['bad-request', 'form']],
    reached: [{ target: '/public' }],
    closed: true,
  },
  {
    name: 'the body of a refused request is not the next request',
    send: `${request('/orders', { method: 'POST', body: smuggled })}${request('/public/next')}`,
    answers: [['unauthenticated', 'authentication'], 'passed'],
    reached: [{ target: '/public/next' }],
  },
  {
    name: 'the chunked body of a refused request is not the next request',
    send: `POST /orders HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${request('/public/next')}`,
    answers: [['unauthenticated', 'authentication']],
    closed: true,
  },
  {
    name: 'no request behind a refused one that ends its connection is executed',
    // It leaves an idle connection to the backend, which the others would reach it by at once.
    prepare: async (victim) => {
      await sendRaw(await victim.listener('http'), request('/public/first'), { responses: 1 })
      return `POST /orders HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${request('/public/next').repeat(30)}`
    },
    answers: [['unauthenticated', 'authentication']],
    closed: true,
  },
  {
    name: 'a body with GET stays a body (CVE-2020-35863)',
    send: request('/public', { body: smuggled }),
    answers: ['passed'],
    reached: [{ method: 'GET', body: smuggled }],
  },
  {
    name: 'a body with HEAD stays a body',
    send: `${request('/public', { method: 'HEAD', body: smuggled })}${request('/public/next')}`,
    methods: ['HEAD', 'GET'],
    answers: ['passed', 'passed'],
    reached: [{ method: 'HEAD', body: smuggled }, { target: '/public/next' }],
  },
  {
    name: 'trailers do not become headers (RFC 9110 6.5.1)',
    send: `${post(['Transfer-Encoding: chunked', 'Trailer: X-Gatehouse-Subject'], '3\r\nabc\r\n0\r\nX-Gatehouse-Subject: root\r\n\r\n')}`,
    answers: ['passed'],
    reached: [{ body: 'abc', headers: { 'x-gatehouse-subject': null, trailer: null } }],
  },
  {
    name: 'a chunked body is framed anew',
    send: post(
      ['Transfer-Encoding: chunked'],
      `3;ext=1\r\nabc\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    ),
    answers: ['passed'],
    reached: [{ body: `abc${smuggled}` }],
  },
  {
    name: 'requests in one packet are judged one by one',
    send: `${request('/public/1')}${request('/orders')}${request('/public/2')}`,
    answers: ['passed', ['unauthenticated', 'authentication'], 'passed'],
    reached: [{ target: '/public/1' }, { target: '/public/2' }],
  },
  {
    name: 'a head in many packets',
    send: ['GET /or', 'ders HT', 'TP/1.1\r', '\nHost: ', host, '\r\n\r', '\n'],
    answers: [['unauthenticated', 'authentication']],
  },
  {
    name: 'TRACE reflects nothing',
    send: request('/public', { method: 'TRACE', headers: ['Cookie: session=1'] }),
    answers: [['not-implemented', 'form']],
  },
  {
    name: 'nothing behind Connection: close is executed',
    send: `${request('/public/1', { headers: ['Connection: close'] })}${request('/public/2')}`,
    answers: ['passed'],
    reached: [{ target: '/public/1' }],
    closed: true,
  },
])
