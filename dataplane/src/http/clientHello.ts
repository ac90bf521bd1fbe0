/**
 * What the first bytes of a TLS connection ask for. `incomplete` asks for more bytes; `invalid` is no ClientHello that
 * a certificate could be chosen for.
 */
export type ClientHello =
  | { readonly type: 'hello'; readonly serverName: string | null }
  | { readonly type: 'incomplete' }
  | { readonly type: 'invalid' }

/** The most bytes of TLS records that a ClientHello may take; real ones stay below 4 KiB. */
export const maxClientHelloBytes = 32 * 1024

const handshakeRecord = 22
const clientHello = 1
const serverNameExtension = 0
const hostName = 0

const invalid: ClientHello = { type: 'invalid' }
const incomplete: ClientHello = { type: 'incomplete' }

/**
 * Reads the server name (RFC 6066 3) from a ClientHello, however it is split into records and segments (RFC 8446 5.1).
 * The certificate and the client CAs are chosen before the handshake begins, so no part of the TLS stack can fall back
 * to settings of another listener.
 *
 * @param bytes - everything received so far
 * @returns the name as sent; null when the client names none
 */
export function readClientHello(bytes: Buffer): ClientHello {
  const message = handshakeMessage(bytes)
  if (message === 'incomplete') return bytes.length >= maxClientHelloBytes ? invalid : incomplete
  if (message === 'invalid') return invalid
  try {
    return { type: 'hello', serverName: serverNameOf(message) }
  } catch {
    return invalid
  }
}

/** Joins the fragments of the first handshake message. */
function handshakeMessage(bytes: Buffer): Buffer | 'incomplete' | 'invalid' {
  const fragments: Buffer[] = []
  let have = 0
  let offset = 0
  while (offset + 5 <= bytes.length) {
    const length = bytes.readUInt16BE(offset + 3)
    if (bytes[offset] !== handshakeRecord || bytes[offset + 1] !== 3 || length === 0 || length > 16384) return 'invalid'
    const fragment = bytes.subarray(offset + 5, offset + 5 + length)
    fragments.push(fragment)
    have += fragment.length
    offset += 5 + length
    if (have < 4) continue
    const joined = fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments)
    if (joined[0] !== clientHello) return 'invalid'
    const size = joined.readUIntBE(1, 3)
    if (size > maxClientHelloBytes) return 'invalid'
    if (have >= 4 + size) return joined.subarray(4, 4 + size)
  }
  if (bytes.length > 0 && bytes[0] !== handshakeRecord) return 'invalid'
  return 'incomplete'
}

/** @throws RangeError when a length points outside the message */
function serverNameOf(message: Buffer): string | null {
  let offset = 2 + 32
  offset += 1 + message.readUInt8(offset)
  offset += 2 + message.readUInt16BE(offset)
  offset += 1 + message.readUInt8(offset)
  if (offset === message.length) return null
  const end = offset + 2 + message.readUInt16BE(offset)
  if (end !== message.length) throw new RangeError('extensions do not end with the message')
  offset += 2
  let found: string | null = null
  while (offset < end) {
    const type = message.readUInt16BE(offset)
    const length = message.readUInt16BE(offset + 2)
    const body = message.subarray(offset + 4, offset + 4 + length)
    if (body.length !== length) throw new RangeError('an extension is cut off')
    offset += 4 + length
    if (type !== serverNameExtension) continue
    if (found !== null) throw new RangeError('the server name is given twice')
    found = hostNameOf(body)
  }
  return found
}

/** @throws RangeError unless the list holds exactly one host name */
function hostNameOf(list: Buffer): string {
  const length = list.readUInt16BE(3)
  const name = list.subarray(5, 5 + length)
  if (list.readUInt16BE(0) !== list.length - 2 || list[2] !== hostName || length === 0 || name.length !== length)
    throw new RangeError('the server name list is malformed')
  if (list.length !== 5 + length) throw new RangeError('the server name list holds more than one name')
  return name.toString('latin1')
}
