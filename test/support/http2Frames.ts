/** Frames of HTTP/2 written by hand (RFC 9113 4, 6), also such as no library would write. */

export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const flags = { none: 0, ack: 1, endStream: 1, endHeaders: 4, padded: 8 } as const

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** Names and values in the order in which they are sent. */
export type Fields = readonly (readonly [string, string])[]

export function frame(type: number, flag: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flag
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A string of HPACK, as it is (RFC 7541 5.2). */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const length = [127]
  let left = bytes.length - 127
  for (; left >= 128; left = Math.floor(left / 128)) length.push((left % 128) + 128)
  return Buffer.concat([Buffer.from([...length, left]), bytes])
}

/** A header section in which nothing is compressed, so that every byte can be written. */
export const block = (fields: Fields): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))

/** HEADERS that hold a whole section. @param flag - beside END_HEADERS */
export const headers = (stream: number, fields: Fields, flag: number = flags.endStream): Buffer =>
  frame(types.headers, flags.endHeaders | flag, stream, block(fields))

export const data = (stream: number, content: string, flag: number = flags.none): Buffer =>
  frame(types.data, flag, stream, Buffer.from(content, 'latin1'))

const uint32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
  return bytes
}

export const rstStream = (stream: number, code = 8): Buffer => frame(types.rstStream, flags.none, stream, uint32(code))

export const windowUpdate = (stream: number, increment: number): Buffer =>
  frame(types.windowUpdate, flags.none, stream, uint32(increment))

export const ping = (flag: number = flags.none): Buffer => frame(types.ping, flag, 0, Buffer.alloc(8))

export const priority = (stream: number, on: number): Buffer =>
  frame(types.priority, flags.none, stream, Buffer.concat([uint32(on), Buffer.from([16])]))

/** @param entries - identifier, value */
export const settings = (...entries: readonly (readonly [number, number])[]): Buffer =>
  frame(
    types.settings,
    flags.none,
    0,
    Buffer.concat(entries.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]))),
  )

export const settingsAck = frame(types.settings, flags.ack, 0)
