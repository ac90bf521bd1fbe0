import { inRange, type Address, type AddressRange } from '../address.ts'

/** Many ranges, of which finding the one around an address costs some twenty comparisons however many they are. */
export interface AddressSet {
  has(address: Address): boolean
}

/** Of two ranges one contains the other, or they have nothing in common; so those that none contains lie in a row. */
export function addressSet(ranges: readonly AddressRange[]): AddressSet {
  const [ipv4, ipv6] = [outermost(ranges, 4), outermost(ranges, 16)]
  return {
    has: (address) => {
      const row = address.length === 4 ? ipv4 : ipv6
      const range = row[lastNotAfter(row, address)]
      return range !== undefined && inRange(address, range)
    },
  }
}

function outermost(ranges: readonly AddressRange[], length: number): readonly AddressRange[] {
  const ascending = ranges
    .filter(({ base }) => base.length === length)
    .map(({ base, bits }) => ({ base: networkOf(base, bits), bits }))
    .sort((a, b) => Buffer.compare(a.base, b.base) || a.bits - b.bits)
  const row: AddressRange[] = []
  for (const range of ascending) {
    const last = row.at(-1)
    if (last === undefined || !inRange(range.base, last)) row.push(range)
  }
  return row
}

/** The first address of a range. */
function networkOf(base: Address, bits: number): Address {
  return base.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * index))))
}

/** The index of the last range that begins at an address or before it; -1 = none does. */
function lastNotAfter(row: readonly AddressRange[], address: Address): number {
  let low = 0
  let high = row.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (Buffer.compare(row[middle]!.base, address) <= 0) low = middle + 1
    else high = middle
  }
  return low - 1
}
