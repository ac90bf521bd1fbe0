import { describe, expect, it } from 'vitest'
import { knownLength, responseHeaders, responseTrailers } from './responseHeaders.ts'

describe('responseHeaders', () => {
  it('passes on what is for the client, repeated as it was', () => {
    expect(responseHeaders(200, { 'content-type': 'a/b', 'set-cookie': ['a', 'b'], 'content-length': '3' })).toEqual([
      'content-type',
      'a/b',
      'set-cookie',
      'a',
      'set-cookie',
      'b',
      'content-length',
      '3',
    ])
  })

  it('drops what is for the next hop, and what Connection names', () => {
    const headers = {
      connection: ['close, X-Hop', 'content-length'],
      'keep-alive': 'timeout=5',
      'proxy-authenticate': 'Basic',
      'transfer-encoding': 'Chunked',
      trailer: 'x',
      upgrade: 'h2c',
      'x-hop': '1',
      'x-request-id': 'theirs',
      'x-kept': '2',
    }
    expect(responseHeaders(200, headers)).toEqual(['x-kept', '2'])
  })

  it('leaves it to the gateway who may read an answer where that is its matter', () => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-max-age': '9', vary: 'accept' }
    expect(responseHeaders(200, headers, true)).toEqual(['vary', 'accept'])
    expect(responseHeaders(200, headers)).toHaveLength(6)
    expect(responseTrailers({ 'access-control-allow-origin': '*', 'x-a': '1' })).toEqual([['x-a', '1']])
  })

  it('keeps one framing only', () => {
    expect(responseHeaders(200, { 'transfer-encoding': 'chunked', 'content-length': '3' })).toEqual([])
    expect(responseHeaders(204, { 'content-length': '3' })).toEqual([])
    expect(responseHeaders(200, { connection: 'content-length', 'content-length': '3' })).toEqual([
      'content-length',
      '3',
    ])
    expect(responseHeaders(304, { 'content-length': '3' })).toEqual(['content-length', '3'])
  })

  it.each(['gzip, chunked', 'gzip', 'chunked, chunked'])('has none for the coding %s', (coding) => {
    expect(responseHeaders(200, { 'transfer-encoding': coding })).toBeNull()
  })

  it('takes odd names for names', () => {
    const headers = JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>
    expect(responseHeaders(200, headers)).toEqual(['__proto__', '1', 'constructor', '2'])
  })
})

describe('knownLength', () => {
  it('is that of Content-Length alone', () => {
    expect(knownLength({ 'content-length': '12' })).toBe(12)
    expect(knownLength({})).toBeNull()
    expect(knownLength({ 'content-length': '12', 'transfer-encoding': 'chunked' })).toBeNull()
  })
})

describe('responseTrailers', () => {
  it('frame, route and authenticate nothing', () => {
    const trailers = {
      'x-sum': ['1', '2'],
      'set-cookie': 'a',
      'content-length': '3',
      'transfer-encoding': 'x',
      host: 'y',
    }
    expect(responseTrailers(trailers)).toEqual([
      ['x-sum', '1'],
      ['x-sum', '2'],
    ])
  })
})
