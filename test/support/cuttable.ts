import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server on loopback that can be cut as a network is: what is sent vanishes, and nobody is told. */
export interface CuttableWay {
  readonly port: number
  cut(): void
  /** Lets new connections through; those that were cut end. */
  mend(): void
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1 and passes everything on to another port there. */
export async function cuttableWay(to: number): Promise<CuttableWay> {
  const sockets = new Set<Socket>()
  let isCut = false
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    if (isCut) socket.pause()
  }
  const server = createServer((near) => {
    keep(near)
    if (isCut) return
    const far = connect(to, '127.0.0.1')
    keep(far)
    near.pipe(far)
    far.pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    mend: () => {
      isCut = false
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
