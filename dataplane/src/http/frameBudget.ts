import { frameFlags, frameTypes, type Frame } from './http2Frame.ts'

/** What a client may have for nothing: at once, and each second. */
const free = {
  /** Frames that carry no part of a message. */
  frames: { most: 1_000, second: 100 },
  /** Requests that came to nothing because the client, or a frame of the client, put an end to them. */
  resets: { most: 200, second: 20 },
} as const

/** What a piece of a message earns: an update of two windows and a measurement of the round trip. */
const earned = 3

/**
 * What a client may still ask of a session beside requests, so that frames which cost it little cannot keep the gateway
 * busy. Every piece of a message that moves earns it some.
 */
export class FrameBudget {
  #frames: number = free.frames.most
  #resets: number = free.resets.most
  #at: number

  /** @param now - monotonic, milliseconds */
  constructor(now: number) {
    this.#at = now
  }

  /** A piece of a message went to the client. */
  carried(): void {
    this.#frames += earned
  }

  /** A frame came. @returns whether it was one too many */
  frame({ type, flags, length }: Frame): boolean {
    if (type === frameTypes.headers) return false
    const ends = (flags & frameFlags.endStream) !== 0
    if (type === frameTypes.data && (length > 0 || ends)) {
      this.#frames += earned
      return false
    }
    return --this.#frames < 0
  }

  /** A request came to nothing, or has not been understood yet. @returns whether it was one too many */
  reset(): boolean {
    return --this.#resets < 0
  }

  /** A request that had not been understood was. */
  understood(): void {
    this.#resets++
  }

  /** Of what there was one too many. */
  get exceeded(): 'flood' | 'resets' {
    return this.#resets < 0 ? 'resets' : 'flood'
  }

  /** Time has passed. @param now - monotonic, milliseconds */
  refill(now: number): void {
    const seconds = (now - this.#at) / 1000
    this.#at = now
    this.#frames = Math.min(this.#frames + seconds * free.frames.second, free.frames.most)
    this.#resets = Math.min(this.#resets + seconds * free.resets.second, free.resets.most)
  }
}
