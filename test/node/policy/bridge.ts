import { connect, createServer, type Socket } from 'node:net'
import type { BridgeOptions } from './nodeBridge.ts'

/**
 * Joins sockets of the file system, which the test can reach, with addresses of the node, which its pods can reach.
 * Started on the node with its options as JSON; prints a line when it listens, and ends when its standard input does.
 */
const { outward, inward } = JSON.parse(process.argv[2] ?? '{}') as BridgeOptions

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
}

/** What comes first says where to: `address:port` and a line feed. */
const outwards = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => socket.destroy())
  socket.once('data', (chunk: Buffer) => {
    const end = chunk.indexOf('\n')
    const [host = '', port = ''] = chunk.toString('latin1', 0, end).split(':')
    const far = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true })
    far.write(chunk.subarray(end + 1))
    join(socket, far)
  })
})

const listening = [
  new Promise<void>((resolve) => outwards.listen(outward, resolve)),
  ...inward.map(({ address, port, path }) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      join(socket, connect({ path, allowHalfOpen: true })),
    )
    return new Promise<void>((resolve) => server.listen(port, address, resolve))
  }),
]
await Promise.all(listening)
process.stdout.write('listening\n')
process.stdin.on('end', () => process.exit(0)).resume()
