import { createHash } from 'node:crypto'
import { createServer as createGrpc } from 'node:http2'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * The upstreams of the benchmark: one for HTTP/1.1 and WebSockets, and one for gRPC over h2c. They are not measured, and
 * must not be what everybody waits for, so the first answers each request head with the same bytes and understands little
 * else. They tell their ports by IPC.
 */
const answerOf = (type: string, body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=600\r\n\r\n${body}`,
  )
const small = answerOf(
  'application/json',
  JSON.stringify({ id: 42, status: 'shipped', items: [1, 2, 3], note: 'x'.repeat(160) }),
)
const large = answerOf('application/octet-stream', 'x'.repeat(100 * 1024))
const endOfHead = '\r\n\r\n'
const contentLength = /\r\ncontent-length: *(\d+)/i
const chunked = /\r\ntransfer-encoding: *chunked/i
const lastChunk = '0\r\n\r\n'
const socketKey = /\r\nsec-websocket-key: *(\S+)/i
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

function serve(socket: Socket): void {
  let rest = ''
  /** Characters of a body that is not wanted; Infinity = until the last chunk. */
  let skipped = 0
  socket.setEncoding('latin1')
  const take = (text: string): void => {
    rest += text
    for (;;) {
      if (skipped === Infinity) {
        const end = rest.indexOf(lastChunk)
        rest = end < 0 ? rest.slice(-lastChunk.length) : rest.slice(end + lastChunk.length)
        if (end < 0) return
        skipped = 0
        socket.write(small)
      } else if (skipped > 0) {
        const taken = Math.min(skipped, rest.length)
        rest = rest.slice(taken)
        skipped -= taken
        if (skipped > 0) return
        socket.write(small)
      }
      const end = rest.indexOf(endOfHead)
      if (end < 0) return
      const head = rest.slice(0, end + 2)
      rest = rest.slice(end + endOfHead.length)
      const key = socketKey.exec(head)?.[1]
      if (key !== undefined) {
        socket.off('data', take)
        echo(socket, key)
        return
      }
      skipped = chunked.test(head) ? Infinity : Number(contentLength.exec(head)?.[1] ?? 0)
      if (skipped === 0) socket.write(head.includes('/large ') ? large : small)
    }
  }
  socket.on('data', take)
  socket.on('error', () => socket.destroy())
}

/** Sends back each message: a client's frame without its mask (RFC 6455 5.3), as long as frames come whole. */
function echo(socket: Socket, key: string): void {
  const accept = createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let rest = Buffer.alloc(0)
  socket.on('data', (text: string) => {
    rest = Buffer.concat([rest, Buffer.from(text, 'latin1')])
    while (rest.length >= 6) {
      const short = rest[1]! & 0x7f
      const start = short === 126 ? 4 : 2
      const length = short === 126 ? rest.readUInt16BE(2) : short
      if (rest.length < start + 4 + length) return
      const mask = rest.subarray(start, start + 4)
      const payload = rest.subarray(start + 4, start + 4 + length).map((byte, at) => byte ^ mask[at & 3]!)
      socket.write(Buffer.concat([Buffer.from([rest[0]!, short]), rest.subarray(2, start), payload]))
      rest = rest.subarray(start + 4 + length)
    }
  })
}

const plain = createServer({ noDelay: true }, serve)
const grpc = createGrpc()
grpc.on('stream', (stream) => {
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  stream.on('error', () => stream.close())
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.concat(parts))
  })
})

const open = (server: Server | typeof grpc): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
const ports = await Promise.all([open(plain), open(grpc)])
process.on('disconnect', () => process.exit(0))
process.send!({ port: ports[0], second: ports[1] })
