import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A server that lets itself be taken for a store and then says without end what nobody asked for. */
export interface FloodingStore {
  readonly port: number
  /** Bytes that the first who connected took before it hung up, or {@link mostTaken}. */
  readonly taken: Promise<number>
  close(): Promise<void>
}

/** More is not said to anybody. */
export const mostTaken = 64 * 1024 * 1024

/** What is said to the one command that everybody sends who looks for a store. */
const probed = '$2\r\nok\r\n'

/**
 * @param head - said once, behind the answer
 * @param piece - said again and again
 */
export async function startFloodingStore(head: string, piece: string): Promise<FloodingStore> {
  const sockets = new Set<Socket>()
  const text = piece.repeat(Math.ceil(65_536 / piece.length))
  const flood = (socket: Socket): Promise<number> =>
    new Promise((resolve) => {
      let taken = 0
      const say = (): void => {
        if (taken >= mostTaken) resolve(taken)
        else
          socket.write(text, 'latin1', (error) => {
            if (error) return
            taken += text.length
            say()
          })
      }
      socket.once('close', () => resolve(taken))
      socket.write(probed + head, 'latin1')
      say()
    })
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const taken = once(server, 'connection').then(async ([socket]: Socket[]) => {
    await once(socket!, 'data')
    return flood(socket!)
  })
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
