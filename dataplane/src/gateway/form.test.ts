import { describe, expect, it } from 'vitest'
import { noTrust } from './clientAddress.ts'
import { formLimits, readRequest } from './form.ts'
import type { RawRequest, RequestFacts } from './facts.ts'
import { connection, request } from './snapshotFixture.ts'

const read = (raw: RawRequest): RequestFacts => {
  const facts = readRequest(raw, noTrust)
  if (typeof facts === 'string') throw new Error(facts)
  return facts
}

const withHeaders = (...rawHeaders: string[]): RawRequest => request('/', [], { rawHeaders })

describe('readRequest', () => {
  it('gives one form to everything', () => {
    const facts = read(
      request('/%61?b', ['X-A', '1', 'x-a', '2'], {
        rawHeaders: ['HOST', 'Api.Example.:8080', 'X-A', '1', 'x-a', '2'],
      }),
    )
    expect(facts).toMatchObject({
      host: 'api.example',
      authority: 'Api.Example.:8080',
      path: '/a',
      query: '?b',
      method: 'GET',
    })
    expect(facts.headers.get('x-a')).toEqual(['1', '2'])
    expect(facts.clientAddress).toBe('192.0.2.1')
  })

  it('takes the authority of an absolute-form target', () => {
    const target = 'HTTP://other.example:81/x?y'
    expect(read(request(target))).toMatchObject({
      host: 'other.example',
      authority: 'other.example:81',
      path: '/x',
      query: '?y',
    })
  })

  it.each([
    ['http://other.example', '/', ''],
    ['http://other.example?x=/path', '/', '?x=/path'],
    ['http://other.example/%61', '/a', ''],
  ])('reads %s', (target, path, query) => {
    expect(read(request(target))).toMatchObject({ host: 'other.example', path, query })
  })

  it.each([
    ['no host', withHeaders(), 'bad-host'],
    ['two hosts', withHeaders('Host', 'a', 'host', 'a'), 'bad-host'],
    ['empty host', withHeaders('Host', ''), 'bad-host'],
    ['host with user', withHeaders('Host', 'x@a'), 'bad-host'],
    ['bad host beside an absolute target', request('http://a/', [], { rawHeaders: ['Host', 'a b'] }), 'bad-host'],
    ['no host beside an absolute target', request('http://a/', [], { rawHeaders: [] }), 'bad-host'],
    ['absolute target with user', request('http://x@a/'), 'bad-host'],
    ['absolute target without host', request('http:///x'), 'bad-host'],
    ['other scheme than the connection', request('https://a/'), 'bad-request'],
    ['other scheme', request('ftp://a/'), 'bad-path'],
    ['dots in an absolute target', request('http://a/../x'), 'bad-path'],
    ['fragment in an absolute target', request('http://a#x'), 'bad-path'],
    ['no target', request(''), 'bad-path'],
    ['relative target', request('x'), 'bad-path'],
    ['two slashes', request('//evil.example/x'), 'bad-path'],
    ['asterisk with GET', request('*'), 'bad-path'],
    ['asterisk', request('*', [], { method: 'OPTIONS' }), 'not-implemented'],
    ['asterisk in absolute form', request('http://a', [], { method: 'OPTIONS' }), 'not-implemented'],
    ['CONNECT', request('a:443', [], { method: 'CONNECT' }), 'not-implemented'],
    ['TRACE', request('/', [], { method: 'TRACE' }), 'not-implemented'],
    ['method in lower case', request('/', [], { method: 'get' }), 'not-implemented'],
    ['method that is no token', request('/', [], { method: 'GE T' }), 'not-implemented'],
    ['empty header name', request('/', ['', 'x']), 'bad-request'],
    ['header name with a space', request('/', ['X A', 'x']), 'bad-request'],
    ['header name with a colon', request('/', ['X:A', 'x']), 'bad-request'],
    ['header name beyond ASCII', request('/', ['X-\xe9', 'x']), 'bad-request'],
    ['obs-text', request('/', ['X-A', '\xe9']), 'bad-request'],
    ['NUL in a value', request('/', ['X-A', 'a\0']), 'bad-request'],
    ['CR LF in a value', request('/', ['X-A', 'a\r\nX-B: c']), 'bad-request'],
    ['DEL in a value', request('/', ['X-A', '\x7f']), 'bad-request'],
    ['both framings', request('/', ['Transfer-Encoding', 'chunked', 'Content-Length', '1']), 'bad-request'],
    ['two lengths', request('/', ['Content-Length', '1', 'content-length', '1']), 'bad-request'],
    ['coding in HTTP/1.0', request('/', ['Transfer-Encoding', 'chunked'], { httpVersion: '1.0' }), 'bad-request'],
    ['long target', request(`/${'a'.repeat(formLimits.target)}`), 'headers-too-large'],
    [
      'many headers',
      request(
        '/',
        Array.from({ length: 2 * formLimits.headerLines }, () => 'x'),
      ),
      'headers-too-large',
    ],
    ['large headers', request('/', ['X-A', 'a'.repeat(formLimits.headerCharacters)]), 'headers-too-large'],
  ])('%s', (_name, raw, code) => {
    expect(readRequest(raw, noTrust)).toBe(code)
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('takes a header called %s for a header', (name) => {
    expect(read(request('/', [name, 'x'])).headers.get(name.toLowerCase())).toEqual(['x'])
  })

  it('keeps https apart', () => {
    const secure = connection({ scheme: 'https' })
    expect(read(request('https://a/x', [], { connection: secure }))).toMatchObject({ host: 'a', path: '/x' })
    expect(readRequest(request('http://a/x', [], { connection: secure }), noTrust)).toBe('bad-request')
  })
})
