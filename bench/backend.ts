import { createServer, type AddressInfo } from 'node:net'

/**
 * The upstream of the benchmark. It answers each request head with the same bytes and understands nothing else: it is
 * not measured, and must not be what everybody waits for. Tells its port by IPC.
 */
const body = JSON.stringify({ id: 42, status: 'shipped', items: [1, 2, 3], note: 'x'.repeat(160) })
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=600\r\n\r\n${body}`,
)
const endOfHead = '\r\n\r\n'

const server = createServer({ noDelay: true }, (socket) => {
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    rest += chunk
    for (let end = rest.indexOf(endOfHead); end >= 0; end = rest.indexOf(endOfHead)) {
      rest = rest.slice(end + endOfHead.length)
      socket.write(answer)
    }
  })
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit(0))
