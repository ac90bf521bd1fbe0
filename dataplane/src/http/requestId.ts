import { randomFillSync } from 'node:crypto'

const idBytes = 16
const pool = Buffer.alloc(idBytes * 256)
let used = pool.length

/** @returns a new request id: 32 lower-case hex digits that nobody can guess, also good as a trace id (W3C) */
export function requestId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += idBytes
  return pool.toString('hex', used - idBytes, used)
}
