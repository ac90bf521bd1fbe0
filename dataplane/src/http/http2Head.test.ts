import { describe, expect, it } from 'vitest'
import { readHead } from './http2Head.ts'

const host = 'api.shop.example'
const pseudo = [':method', 'GET', ':scheme', 'https', ':authority', host, ':path', '/orders']

const read = (raw: readonly string[], endsHere = true) => readHead(raw, 'https', endsHere)

describe('a head of HTTP/2', () => {
  it('becomes one of HTTP/1.1', () => {
    expect(read([...pseudo, 'accept', '*/*', 'x-a', '1', 'x-a', '2'])).toEqual({
      method: 'GET',
      target: '/orders',
      rawHeaders: ['host', host, 'accept', '*/*', 'x-a', '1', 'x-a', '2'],
      headers: {},
      fault: null,
    })
  })

  it('joins the crumbs of a cookie in their order', () => {
    const { rawHeaders } = read([...pseudo, 'cookie', 'a=1', 'accept', '*/*', 'cookie', 'b=2', 'cookie', 'c=3'])
    expect(rawHeaders).toEqual(['host', host, 'cookie', 'a=1; b=2; c=3', 'accept', '*/*'])
  })

  it('says what frames the body', () => {
    expect(read([...pseudo], false)).toMatchObject({
      rawHeaders: ['host', host, 'transfer-encoding', 'chunked'],
      headers: { 'transfer-encoding': 'chunked' },
    })
    expect(read([...pseudo, 'content-length', '3'], false)).toMatchObject({
      rawHeaders: ['host', host, 'content-length', '3'],
      headers: { 'content-length': '3' },
    })
    expect(read([...pseudo, 'expect', '100-continue']).headers).toEqual({ expect: '100-continue' })
  })

  it('takes one Host that agrees, and leaves two for admission to refuse', () => {
    expect(read([...pseudo, 'host', 'API.shop.example']).rawHeaders).toEqual(['host', host])
    expect(read([...pseudo, 'host', 'other.shop.example']).rawHeaders).toEqual([
      ...['host', host, 'host', 'other.shop.example'],
    ])
    expect(read([...pseudo, 'host', host, 'host', host]).rawHeaders).toEqual(['host', host, 'host', host])
    const without = pseudo.filter((_text, index) => index !== 4 && index !== 5)
    expect(read([...without, 'accept', '*/*', 'host', host]).rawHeaders).toEqual(['host', host, 'accept', '*/*'])
    expect(read(without).rawHeaders).toEqual([])
  })

  it.each([
    ['another scheme', [...pseudo.with(3, 'http')], 'bad-request'],
    ['no scheme', pseudo.toSpliced(2, 2), 'bad-request'],
    ['a target with a host', [...pseudo.with(7, 'https://other.shop.example/')], 'bad-path'],
    ['an empty target', [...pseudo.with(7, '')], 'bad-path'],
    ['a pseudo-header twice', [...pseudo, ':path', '/other'], 'bad-request'],
    ['CONNECT', [':method', 'CONNECT', ':authority', host], 'not-implemented'],
    ['a header of the connection', [...pseudo, 'connection', 'x-a'], 'bad-request'],
    ['a coding', [...pseudo, 'transfer-encoding', 'chunked'], 'bad-request'],
    ['another TE than trailers', [...pseudo, 'te', 'gzip'], 'bad-request'],
  ])('has %s against it', (_name, raw, fault) => {
    expect(read(raw).fault).toBe(fault)
  })

  it('may ask for trailers', () => {
    expect(read([...pseudo, 'te', 'trailers']).fault).toBeNull()
  })
})
