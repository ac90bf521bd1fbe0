import { describe, expect, it } from 'vitest'
import { parseRange } from '../address.ts'
import { clientAddress } from './clientAddress.ts'

const trusting = (...ranges: string[]) => ranges.map((range) => parseRange(range)!)

describe('clientAddress', () => {
  it('believes nobody by default', () => {
    expect(clientAddress('192.0.2.1', ['203.0.113.7'], [])).toEqual({ address: '192.0.2.1', forwardedFor: [] })
  })

  it('does not believe a peer that is not trusted', () => {
    const seen = clientAddress('192.0.2.1', ['203.0.113.7'], trusting('10.0.0.0/8'))
    expect(seen).toEqual({ address: '192.0.2.1', forwardedFor: [] })
  })

  it.each([
    ['one entry', ['203.0.113.7'], '203.0.113.7', ['203.0.113.7']],
    ['right-most that is not trusted', ['198.51.100.1, 203.0.113.7'], '203.0.113.7', ['203.0.113.7']],
    ['past trusted hops', ['6.6.6.6, 203.0.113.7, 10.0.0.2'], '203.0.113.7', ['203.0.113.7', '10.0.0.2']],
    ['several lines', ['6.6.6.6', '203.0.113.7', '10.0.0.2'], '203.0.113.7', ['203.0.113.7', '10.0.0.2']],
    ['all trusted', ['10.0.0.3,10.0.0.2'], '10.0.0.3', ['10.0.0.3', '10.0.0.2']],
    ['mapped', ['::ffff:203.0.113.7'], '203.0.113.7', ['203.0.113.7']],
    ['mapped and trusted', ['203.0.113.7, ::ffff:10.0.0.2'], '203.0.113.7', ['203.0.113.7', '10.0.0.2']],
    ['with a port', ['203.0.113.7:4711'], '203.0.113.7', ['203.0.113.7']],
    ['IPv6 with a port', ['[2001:DB8::1]:4711'], '2001:db8::1', ['2001:db8::1']],
    ['garbage', ['unknown'], '10.0.0.1', []],
    ['empty', [''], '10.0.0.1', []],
    ['garbage behind a hop', ['6.6.6.6, _hidden, 10.0.0.2'], '10.0.0.2', ['10.0.0.2']],
    ['text with an address in it', ['203.0.113.7 evil'], '10.0.0.1', []],
  ])('%s', (_name, values, address, forwardedFor) => {
    expect(clientAddress('10.0.0.1', values, trusting('10.0.0.0/8'))).toEqual({ address, forwardedFor })
  })

  it('walks a bounded number of hops', () => {
    const values = [Array.from({ length: 5000 }, () => '10.0.0.9').join(',')]
    expect(clientAddress('10.0.0.1', values, trusting('10.0.0.0/8')).forwardedFor).toHaveLength(32)
  })
})
