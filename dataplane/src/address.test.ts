import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress, clientNetwork, formatAddress, inRange, parseAddress, parseRange } from './address.ts'

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical)
  })

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '0x7f.0.0.1',
    '127.1',
    '2130706433',
    '1.2.3.4 ',
    '1.2.3.4:80',
    '[::1]',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'fe80::1%eth0',
    '::1.2.3',
    '::1.2.3.4:5',
    '1.2.3.4::',
    'g::',
    '12345::',
    'unknown',
  ])('%j is no address', (text) => {
    expect(canonicalAddress(text)).toBeNull()
  })

  it('is the same however the address is written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
        const canonical = canonicalAddress(words.join(':'))
        expect(canonical).not.toBeNull()
        expect(canonicalAddress(words.map((word) => word.padStart(4, '0').toUpperCase()).join(':'))).toBe(canonical)
        expect(canonicalAddress(canonical!)).toBe(canonical)
      }),
    )
  })
})

describe('parseRange', () => {
  const covers = (range: string, address: string): boolean | null => {
    const parsed = parseRange(range)
    return parsed === null ? null : inRange(parseAddress(address)!, parsed)
  }

  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.0.2.0/25', '192.0.2.127', true],
    ['192.0.2.0/25', '192.0.2.128', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '203.0.113.9', false],
    ['2001:db8::/33', '2001:db8:7fff::', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['192.0.2.1/32', '::ffff:192.0.2.1', true],
    // CVE-2026-92395: a mapped range is the IPv4 range, with the IPv4 part of its prefix.
    ['::ffff:10.0.0.0/104', '10.1.1.1', true],
    ['::ffff:10.0.0.0/104', '11.1.1.1', false],
    ['::ffff:0:0/96', '198.51.100.1', true],
  ])('%s over %s: %s', (range, address, expected) => {
    expect(covers(range, address)).toBe(expected)
  })

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08x',
    '10.0.0.0/8/8',
    '::/129',
    '::ffff:10.0.0.0/8',
    '::ffff:0:0/95',
    '0:0:0:0:0:ffff:10.0.0.0/8',
    'example/8',
  ])('%s is no range', (range) => {
    expect(parseRange(range)).toBeNull()
  })
})

describe('clientNetwork', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ])('counts %s as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network)
  })
})

it('formats what it parses', () => {
  expect(formatAddress(parseAddress('::ffff:1.2.3.4')!)).toBe('1.2.3.4')
})
