import type { Socket } from 'node:net'

/** What the bytes of a connection have come to so far. `used` of them are not put back. */
export type Look<T> = { readonly found: T; readonly used: number } | 'incomplete' | 'invalid'

/**
 * Looks at the first bytes of a connection until they say enough, and puts back what is not used up. A connection that
 * sends something else, too slowly or too much is destroyed.
 *
 * @param timeout - milliseconds
 */
export function firstBytes<T>(
  transport: Socket,
  timeout: number,
  look: (bytes: Buffer) => Look<T>,
  done: (found: T) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0)
  const deadline = setTimeout(() => transport.destroy(), timeout)
  const leave = (): void => {
    clearTimeout(deadline)
    transport.off('data', read).off('close', leave)
  }
  const read = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const seen = look(bytes)
    if (seen === 'incomplete') return
    leave()
    if (seen === 'invalid') {
      transport.destroy()
      return
    }
    transport.pause()
    if (seen.used < bytes.length) transport.unshift(bytes.subarray(seen.used))
    done(seen.found)
  }
  transport.on('data', read).on('close', leave)
}
