import type { Socket } from 'node:net'
import { readClientHello } from './clientHello.ts'

/**
 * Waits for the ClientHello of a new connection and puts its bytes back. A connection that sends something else, too
 * much or too slowly is destroyed.
 *
 * @param timeout - milliseconds
 * @param greeted - called with the server name as sent; null = the client names none
 */
export function greet(transport: Socket, timeout: number, greeted: (serverName: string | null) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const deadline = setTimeout(() => transport.destroy(), timeout)
  const done = (): void => {
    clearTimeout(deadline)
    transport.off('data', read).off('close', done)
  }
  const read = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const hello = readClientHello(bytes)
    if (hello.type === 'incomplete') return
    done()
    if (hello.type === 'invalid') {
      transport.destroy()
      return
    }
    transport.pause()
    transport.unshift(bytes)
    greeted(hello.serverName)
  }
  transport.on('data', read).on('close', done)
}
