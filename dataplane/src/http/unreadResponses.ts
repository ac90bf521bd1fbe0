import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'

interface Stall {
  /** Bytes that have not left. */
  readonly pending: number
  /** Monotonic, milliseconds. */
  readonly since: number
}

/**
 * Tells connections on which nothing is left to do but for the client to read, and whose client does not. The exchange
 * looks after a response only for as long as the upstream sends it.
 */
export class UnreadResponses {
  readonly #timeout: number
  readonly #stalls = new WeakMap<Socket, Stall>()

  /** @param timeout - milliseconds that a client may take from one sign of reading to the next */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  /**
   * Whether a client has read nothing for too long; meant to be asked again and again.
   *
   * @param now - monotonic, milliseconds
   */
  isStuck(connection: Connection, now: number): boolean {
    const { transport, socket } = connection
    if (!isLeaving(connection)) {
      this.#stalls.delete(transport)
      return false
    }
    const pending = socket.writableLength
    const stall = this.#stalls.get(transport)
    if (stall?.pending === pending) return now - stall.since >= this.#timeout
    this.#stalls.set(transport, { pending, since: now })
    return false
  }
}

/** Whether everything has been written, and not everything has left. */
function isLeaving({ serving, socket }: Connection): boolean {
  const written = serving?.response ?? socket
  return written.writableEnded && !written.writableFinished
}
