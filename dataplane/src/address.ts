/** An IP address as its 4 or 16 bytes. IPv4 written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address (RFC 4291 2.5.5.2). */
export type Address = Uint8Array

/** All addresses that share the first `bits` bits of `base`. */
export interface AddressRange {
  readonly base: Address
  readonly bits: number
}

const ipv4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

/** @returns null for anything but one address in its textual form: no zone, no port, no octal or short IPv4 */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) return parseIpv4(text)
  const bytes = parseIpv6(text)
  return bytes !== null && isMapped(bytes) ? bytes.slice(12) : bytes
}

function parseIpv4(text: string): Address | null {
  const parts = ipv4.exec(text)
  if (parts === null) return null
  const bytes = new Uint8Array(4)
  for (let index = 0; index < 4; index++) {
    const part = parts[index + 1]!
    const value = Number(part)
    if (value > 255 || (part.length > 1 && part.startsWith('0'))) return null
    bytes[index] = value
  }
  return bytes
}

function parseIpv6(text: string): Address | null {
  if (text.length > 45) return null
  const halves = text.split('::')
  if (halves.length > 2) return null
  const compressed = halves.length === 2
  const head = groups(halves[0]!, !compressed)
  const tail = compressed ? groups(halves[1]!, true) : []
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  if (compressed ? missing < 2 : missing !== 0) return null
  const bytes = new Uint8Array(16)
  bytes.set(head)
  bytes.set(tail, 16 - tail.length)
  return bytes
}

/** @param last - whether the text ends here, so that its last group may be in the form of IPv4 */
function groups(text: string, last: boolean): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const embedded = parseIpv4(part)
      if (embedded === null) return null
      bytes.push(...embedded)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null
      const value = Number.parseInt(part, 16)
      bytes.push(value >> 8, value & 255)
    }
  }
  return bytes
}

const isMapped = (bytes: Address): boolean => {
  for (let index = 0; index < 10; index++) if (bytes[index] !== 0) return false
  return bytes[10] === 255 && bytes[11] === 255
}

/** The one textual form of an address (RFC 5952). */
export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join('.')
  const words = Array.from({ length: 8 }, (_, index) => (address[2 * index]! << 8) | address[2 * index + 1]!)
  const [start, length] = longestZeroRun(words)
  const text = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':')
  return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`
}

function longestZeroRun(words: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0]
  for (let start = 0; start < words.length; start++) {
    let end = start
    while (end < words.length && words[end] === 0) end++
    if (end - start > best[1]) best = [start, end - start]
  }
  return best
}

/** @returns the one textual form of an address; null when the text is none */
export function canonicalAddress(text: string): string | null {
  const address = parseAddress(text)
  return address === null ? null : formatAddress(address)
}

/**
 * Reads `address/bits`. A range over IPv4-mapped addresses is the IPv4 range that it means; with fewer than 96 bits it
 * would silently mean far more, and is none (CVE-2026-92395).
 */
export function parseRange(text: string): AddressRange | null {
  const parts = /^([^/]+)\/(\d{1,3})$/.exec(text)
  const base = parts === null ? null : parseAddress(parts[1]!)
  if (parts === null || base === null) return null
  const written = Number(parts[2])
  const mapped = base.length === 4 && parts[1]!.includes(':')
  const bits = mapped ? written - 96 : written
  return bits < 0 || bits > base.length * 8 ? null : { base, bits }
}

/** Those of these ranges that can be read. */
export const readableRanges = (texts: readonly string[]): readonly AddressRange[] =>
  texts.map(parseRange).filter((range) => range !== null)

/** Whether an address lies in a range; one of the other family never does. */
export function inRange(address: Address, { base, bits }: AddressRange): boolean {
  if (address.length !== base.length) return false
  const whole = bits >> 3
  for (let index = 0; index < whole; index++) if (address[index] !== base[index]) return false
  const rest = bits & 7
  return rest === 0 || (address[whole]! ^ base[whole]!) >> (8 - rest) === 0
}

export const inAnyRange = (address: Address, ranges: readonly AddressRange[]): boolean =>
  ranges.some((range) => inRange(address, range))

/** What one client is counted by: an IPv4 address, or the /64 that an IPv6 client can choose its addresses from. */
export function clientNetwork(canonical: string): string {
  if (!canonical.includes(':')) return canonical
  const address = parseAddress(canonical)
  if (address === null) return canonical
  return `${formatAddress(address.fill(0, 8))}/64`
}
