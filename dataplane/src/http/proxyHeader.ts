import { canonicalAddress, formatAddress, parseAddress } from '../address.ts'

/**
 * What the first bytes of a connection say about where it comes from. `source` is canonical; null = the sender speaks for
 * itself (LOCAL), or does not know (UNKNOWN, UNSPEC). `incomplete` asks for more bytes.
 */
export type ProxyHeader =
  | { readonly type: 'header'; readonly source: string | null; readonly length: number }
  | { readonly type: 'incomplete' }
  | { readonly type: 'invalid' }

const invalid: ProxyHeader = { type: 'invalid' }
const incomplete: ProxyHeader = { type: 'incomplete' }

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const prefix = Buffer.from('PROXY ', 'latin1')
/** Of a line of version 1, with its end. */
const maxLine = 107
/** Of version 2, with what senders add behind the addresses. */
const maxBinary = 4096
const fixedLength = 16
const fromTcp4 = 0x11
const fromTcp6 = 0x21

/**
 * Reads a PROXY header, version 1 or 2 (haproxy's proxy-protocol.txt). Anything else is invalid: a receiver must not guess
 * whether there is one.
 *
 * @param bytes - everything received so far
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsAlike(bytes, signature)) return bytes.length < fixedLength ? incomplete : readBinary(bytes)
  return startsAlike(bytes, prefix) ? readLine(bytes) : invalid
}

/** As far as there are bytes. */
const startsAlike = (bytes: Buffer, wanted: Buffer): boolean => {
  const length = Math.min(bytes.length, wanted.length)
  return bytes.subarray(0, length).equals(wanted.subarray(0, length))
}

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, maxLine).indexOf('\r\n')
  if (end < 0) return bytes.length >= maxLine ? invalid : incomplete
  const [, family, source = '', target = '', ...ports] = bytes.toString('latin1', 0, end).split(' ')
  const length = end + 2
  if (family === 'UNKNOWN') return { type: 'header', source: null, length }
  const separator = family === 'TCP4' ? '.' : family === 'TCP6' ? ':' : null
  if (separator === null || ports.length !== 2 || !ports.every(isPort)) return invalid
  if (![source, target].every((text) => text.includes(separator) && parseAddress(text) !== null)) return invalid
  return { type: 'header', source: canonicalAddress(source), length }
}

const isPort = (text: string): boolean => /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535

function readBinary(bytes: Buffer): ProxyHeader {
  const length = fixedLength + bytes.readUInt16BE(14)
  const command = bytes[12]
  if (length > maxBinary || (command !== 0x20 && command !== 0x21)) return invalid
  if (bytes.length < length) return incomplete
  const family = bytes[13]
  if (command === 0x20 || family === 0) return { type: 'header', source: null, length }
  const size = family === fromTcp4 ? 4 : family === fromTcp6 ? 16 : null
  // Two addresses and two ports.
  if (size === null || length < fixedLength + 2 * size + 4) return invalid
  const source = canonicalAddress(formatAddress(bytes.subarray(fixedLength, fixedLength + size)))
  return { type: 'header', source, length }
}
