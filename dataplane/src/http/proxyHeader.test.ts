import { describe, expect, it } from 'vitest'
import { readProxyHeader } from './proxyHeader.ts'

const line = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'))

const signature = '0d0a0d0a000d0a515549540a'
const binary = (rest: string) => readProxyHeader(Buffer.from(signature + rest.replaceAll(' ', ''), 'hex'))

describe('readProxyHeader, version 1', () => {
  it.each([
    ['TCP4', 'PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\nGET', '203.0.113.7', 43],
    ['TCP6', 'PROXY TCP6 2001:DB8::7 2001:db8::1 1 2\r\n', '2001:db8::7', 40],
    ['an IPv4 address in IPv6', 'PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n', '203.0.113.7', 39],
    ['UNKNOWN', 'PROXY UNKNOWN\r\nGET', null, 15],
    ['UNKNOWN with something behind it', 'PROXY UNKNOWN 203.0.113.7 x\r\n', null, 29],
  ])('%s', (_name, text, source, length) => {
    expect(line(text)).toEqual({ type: 'header', source, length })
  })

  it.each([
    '',
    'P',
    'PROXY',
    'PROXY TCP4 203.0.113.7 192.0.2.1 4711 443',
    'PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r',
  ])('waits for the end of %j', (text) => {
    expect(line(text)).toEqual({ type: 'incomplete' })
  })

  it.each([
    'GET / HTTP/1.1\r\n',
    '\x16\x03\x01',
    'PROXY\r\n',
    'PROXY \r\n',
    'proxy TCP4 203.0.113.7 192.0.2.1 4711 443\r\n',
    'PROXY TCP4 203.0.113.7\r\n',
    'PROXY TCP4 203.0.113.7 192.0.2.1 4711\r\n',
    'PROXY TCP4 203.0.113.7 192.0.2.1 4711 443 5\r\n',
    'PROXY TCP4  203.0.113.7 192.0.2.1 4711 443\r\n',
    'PROXY TCP4 203.0.113.7 192.0.2.1 65536 443\r\n',
    'PROXY TCP4 203.0.113.7 192.0.2.1 -1 443\r\n',
    'PROXY TCP4 203.0.113.07 192.0.2.1 1 443\r\n',
    'PROXY TCP4 2001:db8::7 192.0.2.1 1 443\r\n',
    'PROXY TCP6 203.0.113.7 2001:db8::1 1 443\r\n',
    'PROXY UDP4 203.0.113.7 192.0.2.1 1 443\r\n',
    'PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\nGET / HTTP/1.1\r\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
  ])('refuses %j', (text) => {
    expect(line(text)).toEqual({ type: 'invalid' })
  })
})

describe('readProxyHeader, version 2', () => {
  it.each([
    ['IPv4', '21 11 000c cb007107 c0000201 1267 01bb 474554', '203.0.113.7', 28],
    ['IPv4 with more behind it', '21 11 0010 cb007107 c0000201 1267 01bb 01 0001 68', '203.0.113.7', 32],
    ['IPv6', `21 21 0024 20010db8${'00'.repeat(11)}07 20010db8${'00'.repeat(11)}01 1267 01bb`, '2001:db8::7', 52],
    [
      'an IPv4 address in IPv6',
      `21 21 0024 ${'00'.repeat(10)}ffffcb007107 ${'00'.repeat(16)} 1267 01bb`,
      '203.0.113.7',
      52,
    ],
    ['LOCAL', '20 00 0000', null, 16],
    ['LOCAL with addresses', '20 11 000c cb007107 c0000201 1267 01bb', null, 28],
    ['UNSPEC', '21 00 0000', null, 16],
  ])('%s', (_name, rest, source, length) => {
    expect(binary(rest)).toEqual({ type: 'header', source, length })
  })

  it.each(['', '21', '21 11 00', '21 11 000c cb007107 c0000201 1267 01'])('waits for the end of %j', (rest) => {
    expect(binary(rest)).toEqual({ type: 'incomplete' })
  })

  it.each([
    ['another version', '11 11 000c cb007107 c0000201 1267 01bb'],
    ['another command', '22 11 000c cb007107 c0000201 1267 01bb'],
    ['UDP', '21 12 000c cb007107 c0000201 1267 01bb'],
    ['a path', '21 31 000c cb007107 c0000201 1267 01bb'],
    ['too little for its addresses', '21 11 000b cb007107 c0000201 1267 01'],
    ['too little for its addresses of IPv6', '21 21 000c cb007107 c0000201 1267 01bb'],
    ['more than any sender writes', '21 11 ffff'],
  ])('refuses %s', (_name, rest) => {
    expect(binary(rest)).toEqual({ type: 'invalid' })
  })
})
