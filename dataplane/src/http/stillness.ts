import type { Connection } from './connection.ts'

interface Seen {
  readonly state: number
  /** Monotonic, milliseconds. */
  readonly since: number
}

/** Tells for how long nothing has moved, from looks that are taken again and again. */
export class Stillness {
  readonly #seen = new WeakMap<object, Seen>()

  /**
   * @param state - grows or shrinks when something moves; null = it does not have to
   * @param now - monotonic, milliseconds
   * @returns milliseconds for which this thing has been in this state; 0 when it does not have to move
   */
  lasted(thing: object, state: number | null, now: number): number {
    const seen = this.#seen.get(thing)
    if (state === null) this.#seen.delete(thing)
    else if (seen?.state === state) return now - seen.since
    else this.#seen.set(thing, { state, since: now })
    return 0
  }
}

/**
 * Bytes of a connection on which nothing is left to do but for the client to read: everything has been written, and not
 * everything has left. The exchange looks after a response only for as long as the upstream sends it. null = otherwise.
 */
export function unread({ serving, socket }: Connection): number | null {
  const written = serving?.response ?? socket
  return written.writableEnded && !written.writableFinished ? socket.writableLength : null
}

/** Bytes received on a connection that waits for its client to ask. null = a request is being served. */
export const unasked = ({ serving, transport }: Connection): number | null =>
  serving === null ? transport.bytesRead : null
