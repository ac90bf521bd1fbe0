import type { Socket } from 'node:net'
import type { UpstreamFailure } from '../../dataplane/src/telemetry/upstreamFailure.ts'
import type { Script } from './faultyBackend.ts'

/** A way to answer wrongly, and what the client may see of it. */
export interface FaultyAnswer {
  readonly name: string
  readonly script: Script
  /** Default: GET. */
  readonly method?: string
  /**
   * `broken` = a response that no client takes for the whole; `refused` = 502 upstream-protocol; `own` = what it may be
   * answered with; else status and body.
   */
  readonly sees: string
  /** What comes late costs the connection, as long as nobody asks by it. */
  readonly late?: true
  /** What may be logged of an answer that is not passed on whole. Default: malformed. */
  readonly failures?: readonly UpstreamFailure[]
}

type End = 'resets' | 'closes' | 'waits'

const ends: Readonly<Record<End, (socket: Socket) => void>> = {
  resets: (socket) => void socket.resetAndDestroy(),
  closes: (socket) => void socket.end(),
  waits: () => {},
}

/** Writes this and then ends the connection so. */
export const says =
  (bytes: string, end: End = 'waits'): Script =>
  (socket) =>
    void socket.write(bytes, 'latin1', () => ends[end](socket))

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`
const sized = `${ok}Content-Length: 10\r\n\r\n`

/** Where an answer stops, and whether the client has heard its beginning by then. */
const points: readonly (readonly [string, string, 'refused' | 'broken'])[] = [
  ['before the head', '', 'refused'],
  ['in the status line', 'HTTP/1.1 20', 'refused'],
  ['in the name of a header', `${ok}Content-Le`, 'refused'],
  ['in the last line of the head', `${ok}Content-Length: 10\r\n\r`, 'refused'],
  ['after a head with a length', sized, 'broken'],
  ['after a head with chunks', chunked, 'broken'],
  ['in a body with a length', `${sized}abc`, 'broken'],
  ['a byte before the end of a body with a length', `${sized}abcdefghi`, 'broken'],
  ['in the size of a chunk', `${chunked}3\r\nabc\r\n1`, 'broken'],
  ['in a chunk', `${chunked}5\r\nabc`, 'broken'],
  ['between two chunks', `${chunked}3\r\nabc\r\n`, 'broken'],
  ['before the end of the last chunk', `${chunked}3\r\nabc\r\n0\r\n`, 'broken'],
  ['in the trailers', `${chunked}3\r\nabc\r\n0\r\nX-A: b`, 'broken'],
  ['in the last body of a connection', `${ok}Connection: close\r\nContent-Length: 10\r\n\r\nabc`, 'broken'],
  [
    'in the last chunks of a connection',
    `${chunked.replace('\r\n', '\r\nConnection: close\r\n')}3\r\nabc\r\n`,
    'broken',
  ],
  ['in a long body', `${ok}Content-Length: 200000\r\n\r\n${'x'.repeat(150_000)}`, 'broken'],
]

export const tornAnswers: readonly FaultyAnswer[] = [
  ...points.flatMap(([where, bytes, sees]) =>
    (['resets', 'closes'] as const).map((end): FaultyAnswer => ({
      ...{ name: `${end} ${where}`, script: says(bytes, end), sees },
      failures: end === 'resets' ? ['reset'] : ['closed', 'malformed'],
    })),
  ),
  {
    name: 'resets in a body that its end delimits',
    script: says(`${ok}\r\nabc`, 'resets'),
    ...{ sees: 'broken', failures: ['reset'] },
  },
  {
    name: 'resets in a body of HTTP/1.0',
    script: says('HTTP/1.0 200 OK\r\n\r\nabc', 'resets'),
    ...{ sees: 'broken', failures: ['reset'] },
  },
  { name: 'closes behind a body that its end delimits', script: says(`${ok}\r\nabc`, 'closes'), sees: '200 abc' },
]

const framed = (name: string, headers: readonly string[], body: string, sees: string): FaultyAnswer => ({
  name,
  script: says(`${ok}${headers.map((line) => `${line}\r\n`).join('')}\r\n${body}`),
  sees,
})
const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'
const lines = (name: string, bytes: string, sees = 'refused'): FaultyAnswer => ({ name, script: says(bytes), sees })
const chunks = (name: string, bytes: string, sees = 'broken'): FaultyAnswer => lines(name, chunked + bytes, sees)

/** Answers whose end, or whose form, is in doubt. */
export const falseAnswers: readonly FaultyAnswer[] = [
  framed('two lengths that differ', ['Content-Length: 3', 'Content-Length: 4'], 'abcd', 'refused'),
  framed('two lengths that agree', ['Content-Length: 3', 'Content-Length: 3'], 'abc', 'refused'),
  framed('a list of lengths', ['Content-Length: 3, 3'], 'abc', 'refused'),
  framed(
    'a length and chunks',
    ['Content-Length: 3', 'Transfer-Encoding: chunked'],
    '3\r\nabc\r\n0\r\n\r\n',
    'refused',
  ),
  framed(
    'chunks and a length',
    ['Transfer-Encoding: chunked', 'Content-Length: 3'],
    '3\r\nabc\r\n0\r\n\r\n',
    'refused',
  ),
  framed('a negative length', ['Content-Length: -1'], 'abc', 'refused'),
  framed('a length with a sign', ['Content-Length: +3'], 'abc', 'refused'),
  framed('a length in hex', ['Content-Length: 0x3'], 'abc', 'refused'),
  framed('a length that is no number', ['Content-Length: abc'], 'abc', 'refused'),
  framed('an empty length', ['Content-Length:'], evil, 'refused'),
  framed('a length beyond 64 bits', ['Content-Length: 18446744073709551619'], 'abc', 'refused'),
  framed('another coding before chunked', ['Transfer-Encoding: gzip, chunked'], '3\r\nabc\r\n0\r\n\r\n', 'refused'),
  framed(
    'another coding in a line before',
    ['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'],
    '0\r\n\r\n',
    'refused',
  ),
  framed('a coding that nobody knows', ['Transfer-Encoding: xchunked'], evil, 'refused'),
  framed('identity as the coding', ['Transfer-Encoding: identity'], evil, 'refused'),
  framed('chunked twice', ['Transfer-Encoding: chunked, chunked'], '3\r\nabc\r\n0\r\n\r\n', 'refused'),
  framed('a space before the colon', ['Content-Length : 3'], 'abc', 'refused'),
  framed('a folded header', ['X-A: b', ' c', 'Content-Length: 3'], 'abc', 'refused'),
  framed('a header without a colon', ['Content-Length'], evil, 'refused'),
  framed('a NUL in a value', ['X-A: b\0c', 'Content-Length: 3'], 'abc', 'refused'),
  framed('a CR in a value', ['X-A: b\rX-B: c', 'Content-Length: 3'], 'abc', 'refused'),
  framed('a head of many bytes', [`X-A: ${'a'.repeat(100_000)}`], evil, 'refused'),
  framed(
    'a head of many lines',
    Array.from({ length: 5000 }, (_, at) => `X-${at}: a`),
    evil,
    'refused',
  ),
  lines('lines that end in LF alone', 'HTTP/1.1 200 OK\nContent-Length: 3\n\nabc'),
  lines('another protocol', 'ICY 200 OK\r\nContent-Length: 3\r\n\r\nabc'),
  lines('another version', 'HTTP/3.7 200 OK\r\nContent-Length: 3\r\n\r\nabc'),
  lines('a name in lower case', 'http/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'),
  lines('a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 3\r\n\r\nabc'),
  lines('a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 3\r\n\r\nabc'),
  lines('a status below 100', 'HTTP/1.1 099 No\r\nContent-Length: 3\r\n\r\nabc'),
  lines('a request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  lines('a TLS alert', '\x15\x03\x01\x00\x02\x02\x46'),
  ...[
    lines(
      'a switch of protocols that nobody asked for',
      'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
    ),
    lines('a 100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${evil}`),
  ].map((answer): FaultyAnswer => ({ ...answer, failures: ['closed'] })),
  lines('hints without end', 'HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n'.repeat(5000)),
  lines('interim answers without end', 'HTTP/1.1 102 Wait\r\n\r\n'.repeat(5000)),
  chunks('a size that is no number', 'zz\r\nabc\r\n0\r\n\r\n'),
  chunks('a negative size', '-3\r\nabc\r\n0\r\n\r\n'),
  chunks('a size with a sign', '+3\r\nabc\r\n0\r\n\r\n'),
  chunks('a size in 0x form', '0x3\r\nabc\r\n0\r\n\r\n'),
  chunks('a size beyond 64 bits', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'),
  chunks('an empty size', '\r\nabc\r\n0\r\n\r\n'),
  chunks('a chunk longer than its size', '3\r\nabcdef\r\n0\r\n\r\n'),
  chunks('a bare LF behind a size', '3\nabc\r\n0\r\n\r\n'),
  chunks('an extension of many bytes', `3;${'a'.repeat(100_000)}\r\nabc\r\n0\r\n\r\n`, '200 abc'),
  chunks(
    'extensions of many chunks',
    `1;${'a'.repeat(5000)}\r\na\r\n`.repeat(20) + '0\r\n\r\n',
    `200 ${'a'.repeat(20)}`,
  ),
  chunks('trailers of many bytes', `3\r\nabc\r\n0\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`),
  chunks('an extension', '3;name=value\r\nabc\r\n0\r\n\r\n', '200 abc'),
]

/** Answers with more behind them than they say, which must not be taken for the answer to another request. */
export const poisonedAnswers: readonly FaultyAnswer[] = [
  framed('a second answer', ['Content-Length: 3'], `abc${evil}`, '200 abc'),
  framed('many more answers', ['Content-Length: 3'], `abc${evil.repeat(50)}`, '200 abc'),
  framed('bytes beyond the length', ['Content-Length: 3'], 'abcdef', '200 abc'),
  framed('empty lines', ['Content-Length: 3'], 'abc\r\n\r\n\r\n', '200 abc'),
  framed('an answer behind an empty one', ['Content-Length: 0'], evil, '200 '),
  chunks('an answer behind the last chunk', `3\r\nabc\r\n0\r\n\r\n${evil}`, '200 abc'),
  { ...lines('an answer behind one to HEAD', `${ok}Content-Length: 3\r\n\r\n${evil}`, '200 '), method: 'HEAD' },
  {
    ...lines('a body behind an answer to HEAD', `${ok}Content-Length: ${evil.length}\r\n\r\n${evil}`, '200 '),
    method: 'HEAD',
  },
  lines('a body behind 204', `HTTP/1.1 204 No\r\n\r\n${evil}`, '204 '),
  lines('a body with a length behind 204', `HTTP/1.1 204 No\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`, '204 '),
  lines('a body behind 304', `HTTP/1.1 304 No\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`, '304 '),
  lines('a body with chunks behind 304', `HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n${evil}`, '304 '),
  {
    name: 'a second answer after a while',
    script: (socket, own) => {
      socket.write(`${ok}Content-Length: ${own.length}\r\n\r\n${own}`)
      setImmediate(() => socket.write(evil))
    },
    sees: 'own',
    late: true,
  },
  {
    name: 'a sound answer, a byte at a time',
    script: (socket, own) => {
      const bytes = `${chunked}${own.length.toString(16)}\r\n${own}\r\n0\r\n\r\n`.split('')
      const next = (): void => {
        const byte = bytes.shift()
        if (byte !== undefined) socket.write(byte, () => setImmediate(next))
      }
      next()
    },
    sees: 'own',
  },
]
