import type { Socket } from 'node:net'

/** What a client that knows beforehand that HTTP/2 is spoken begins with (RFC 9113 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

export type HttpVersion = 'HTTP/1.1' | 'HTTP/2'

/**
 * Tells from its first bytes what a connection without TLS speaks, and puts them back. One on which nothing comes is left
 * to HTTP/1.1, which answers that it took too long.
 *
 * @param timeout - milliseconds
 */
export function awaitPreface(socket: Socket, timeout: number, told: (version: HttpVersion) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const deadline = setTimeout(() => done('HTTP/1.1'), timeout)
  const stop = (): void => {
    clearTimeout(deadline)
    socket.off('data', read).off('end', gone).off('error', gone).off('close', stop)
  }
  const gone = (): void => {
    stop()
    socket.destroy()
  }
  const done = (version: HttpVersion): void => {
    stop()
    socket.pause()
    if (bytes.length > 0) socket.unshift(bytes)
    told(version)
    socket.resume()
  }
  const read = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const seen = Math.min(bytes.length, preface.length)
    if (preface.compare(bytes, 0, seen, 0, seen) !== 0) done('HTTP/1.1')
    else if (seen === preface.length) done('HTTP/2')
  }
  socket.on('data', read).on('end', gone).on('error', gone).on('close', stop)
}
