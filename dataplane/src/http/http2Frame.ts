/** Frames of HTTP/2 (RFC 9113 6), of which only the head is looked at. */
export const frameTypes = {
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

export const frameFlags = { ack: 1, endStream: 1, endHeaders: 4 } as const

/** Bytes of a frame's head. */
export const frameHead = 9

/** The head of a frame. */
export interface Frame {
  /** Bytes that follow. */
  readonly length: number
  readonly type: number
  readonly flags: number
  readonly stream: number
}

/** @param at - where at least {@link frameHead} bytes begin */
export const readFrame = (bytes: Buffer, at: number): Frame => ({
  length: bytes.readUIntBE(at, 3),
  type: bytes[at + 3]!,
  flags: bytes[at + 4]!,
  stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
})

const goawayLength = 8
const everyStream = 2 ** 31 - 1

/**
 * Says that a session ends, and that every stream may have been begun. Without an error it is a notice before the end
 * (RFC 9113 6.8): Node has no word for that, and takes no new stream once it has sent a GOAWAY itself.
 */
export function goaway(code: number): Buffer {
  const bytes = Buffer.alloc(frameHead + goawayLength)
  bytes.writeUIntBE(goawayLength, 0, 3)
  bytes[3] = frameTypes.goaway
  bytes.writeUInt32BE(everyStream, frameHead)
  bytes.writeUInt32BE(code, frameHead + 4)
  return bytes
}
