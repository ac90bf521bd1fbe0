import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inAnyRange, parseAddress, parseRange, type AddressRange } from '../address.ts'
import { addressSet } from './addressSet.ts'

const range = (text: string): AddressRange => parseRange(text)!
const holds = (ranges: readonly string[], address: string): boolean =>
  addressSet(ranges.map(range)).has(parseAddress(address)!)

/** Few values, so that ranges lie in each other and addresses in ranges. */
const byte = fc.constantFrom(0, 1, 127, 128, 254, 255)
const ofLength = (length: number) =>
  fc.array(byte, { minLength: length, maxLength: length }).map((b) => Uint8Array.from(b))
const anAddress = fc.constantFrom(4, 16).chain(ofLength)
const aRange = anAddress.chain((base) => fc.nat(base.length * 8).map((bits) => ({ base, bits })))

describe('a set of addresses', () => {
  it('holds the same as its ranges one after the other', () => {
    fc.assert(
      fc.property(fc.array(aRange, { maxLength: 30 }), fc.array(anAddress), (ranges, addresses) => {
        const set = addressSet(ranges)
        for (const address of addresses) expect(set.has(address)).toBe(inAnyRange(address, ranges))
      }),
    )
  })

  it.each<[string, readonly string[], string, boolean]>([
    ['nothing', [], '192.0.2.1', false],
    ['the first of a range', ['192.0.2.0/24'], '192.0.2.0', true],
    ['the last of a range', ['192.0.2.0/24'], '192.0.2.255', true],
    ['one before a range', ['192.0.2.0/24'], '192.0.1.255', false],
    ['one behind a range', ['192.0.2.0/24'], '192.0.3.0', false],
    ['one behind a range within another', ['10.0.0.0/8', '10.1.0.0/16'], '10.2.0.0', true],
    ['a range whose first address is not written', ['10.1.2.3/8'], '10.0.0.0', true],
    ['all of IPv4', ['0.0.0.0/0'], '255.255.255.255', true],
    ['no IPv6 in all of IPv4', ['0.0.0.0/0'], '::1', false],
    ['all of IPv6', ['::/0'], 'ffff::', true],
  ])('finds %s', (_name, ranges, address, expected) => {
    expect(holds(ranges, address)).toBe(expected)
  })
})
