import { constants } from 'node:http2'
import { ClientStreams } from './clientStreams.ts'
import type { FrameBudget } from './frameBudget.ts'
import { frameFlags, frameHead, frameTypes, readFrame, type Frame } from './http2Frame.ts'

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_FRAME_SIZE_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
} = constants

/** Bytes of the preface, which is no frame. */
const prefaceLength = 24
/** Bytes that a PRIORITY has, and those that a RST_STREAM has. */
const priorityLength = 5
const resetLength = 4
/** Frames that a header section may be sent in beside the first. */
const maxContinuations = 8

/** What a client's bytes come to. */
export interface Guarded {
  /** What the HTTP/2 library is to see of them. */
  readonly pass: readonly Buffer[]
  /** An error code of HTTP/2 when the connection has to end; null = it goes on. */
  readonly fault: number | null
}

/**
 * Looks at the head of every frame before the HTTP/2 library of Node does: for what that lets pass (frames for streams
 * that are over), punishes too hard (an answer to no PING), or offers no way to count.
 */
export class FrameGuard {
  readonly streams = new ClientStreams()
  readonly #budget: FrameBudget
  /** The beginning of a frame that is not there yet. */
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes to come of what has been looked at. */
  #left = prefaceLength
  #drops = false
  /** Frames of a header section that is not there yet; null = there is none such. */
  #continuations: number | null = null

  constructor(budget: FrameBudget) {
    this.#budget = budget
  }

  /** Whether a header section has begun and not ended. */
  get inHeaders(): boolean {
    return this.#continuations !== null
  }

  read(chunk: Buffer): Guarded {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = bytes.subarray(0, 0)
    const pass: Buffer[] = []
    let from = 0
    let at = 0
    const flush = (): void => {
      if (at > from && !this.#drops) pass.push(bytes.subarray(from, at))
      from = at
    }
    while (at < bytes.length) {
      if (this.#left === 0) {
        const frame = frameAt(bytes, at)
        if (frame === null) {
          flush()
          this.#drops = false
          this.#rest = bytes.subarray(at)
          return { pass, fault: null }
        }
        const fault = this.#faultOf(frame, bytes, at)
        if (fault !== null) {
          flush()
          return { pass, fault }
        }
        const drops = isDropped(frame)
        if (drops !== this.#drops) flush()
        this.#drops = drops
        this.#left = frameHead + frame.length
      }
      const taken = Math.min(this.#left, bytes.length - at)
      at += taken
      this.#left -= taken
    }
    flush()
    return { pass, fault: null }
  }

  #faultOf(frame: Frame, bytes: Buffer, at: number): number | null {
    if (this.#budget.frame(frame) || (this.streams.opens(frame) && this.#budget.reset()))
      return NGHTTP2_ENHANCE_YOUR_CALM
    const fault = this.#headersFault(frame)
    if (fault !== null) return fault
    if (frame.type === frameTypes.priority) return priorityFault(frame, bytes, at)
    if (frame.type === frameTypes.rstStream) nameReset(frame, bytes, at)
    return this.streams.take(frame)
  }

  /** A header section is sent without a pause, in a bounded number of frames (CVE-2024-27983). */
  #headersFault({ type, flags }: Frame): number | null {
    const continues = type === frameTypes.continuation
    if (continues !== (this.#continuations !== null)) return NGHTTP2_PROTOCOL_ERROR
    if (!continues && type !== frameTypes.headers) return null
    const before = this.#continuations ?? -1
    this.#continuations = (flags & frameFlags.endHeaders) !== 0 ? null : before + 1
    return before + 1 > maxContinuations ? NGHTTP2_ENHANCE_YOUR_CALM : null
  }
}

/** Bytes behind the head that are looked at too, by type. */
const looked: Readonly<Record<number, number>> = {
  [frameTypes.priority]: priorityLength,
  [frameTypes.rstStream]: resetLength,
}

/** @returns null when there are too few bytes to judge it */
function frameAt(bytes: Buffer, at: number): Frame | null {
  const there = bytes.length - at - frameHead
  if (there < 0) return null
  const frame = readFrame(bytes, at)
  return there < Math.min(frame.length, looked[frame.type] ?? 0) ? null : frame
}

/** PRIORITY says nothing any more (RFC 9113 5.3.2), and an answer to a PING that was never sent nothing at all. */
const isDropped = ({ type, flags, length, stream }: Frame): boolean =>
  type === frameTypes.priority ||
  (type === frameTypes.ping && (flags & frameFlags.ack) !== 0 && length === 8 && stream === 0)

/** A client that breaks off without an error breaks off all the same: Node would go on with its answer for ever. */
function nameReset({ length }: Frame, bytes: Buffer, at: number): void {
  if (length !== resetLength) return
  const code = bytes.readUInt32BE(at + frameHead)
  bytes.writeUInt32BE(code === NGHTTP2_NO_ERROR ? NGHTTP2_CANCEL : code, at + frameHead)
}

function priorityFault({ length, stream }: Frame, bytes: Buffer, at: number): number | null {
  if (length !== priorityLength) return NGHTTP2_FRAME_SIZE_ERROR
  const on = bytes.readUInt32BE(at + frameHead) & 0x7fffffff
  return stream === 0 || on === stream ? NGHTTP2_PROTOCOL_ERROR : null
}
