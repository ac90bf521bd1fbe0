import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** What a backend does with a connection by which a request came; `own` is what that request alone may be answered with. */
export type Script = (socket: Socket, own: string) => void

/** A backend told by the path what to do: `/RULE/NAME/OWN` is answered by the script of that name, else soundly with OWN. */
export interface FaultyBackend {
  readonly address: string
  readonly port: number
  /** First lines of the heads that came, by whichever connection. */
  readonly asked: readonly string[]
  /** Connections open now. */
  open(): number
  /** Connections that have ended. */
  ended(): number
  close(): Promise<void>
}

/** A sound answer. */
export const sound = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** @param tls - null = plain text */
export async function startFaultyBackend(
  scripts: ReadonlyMap<string, Script>,
  tls: TlsOptions | null = null,
): Promise<FaultyBackend> {
  const sockets = new Set<Socket>()
  const asked: string[] = []
  let ended = 0
  const serve = (socket: Socket): void => {
    let text = ''
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      ended++
      sockets.delete(socket)
    })
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const [line = ''] = text.split('\r\n', 1)
      // A request whose body is still on its way is answered by its head.
      const end = text.indexOf('\r\n\r\n')
      const target = / \/[^/]+\/([^/]+)\/(\S+) HTTP\/1\.1$/.exec(line)
      if (end < 0 || target === null) return
      text = ''
      asked.push(line)
      const [, name = '', own = ''] = target
      const script = scripts.get(name)
      if (script === undefined) socket.write(sound(own))
      else script(socket, own)
    })
  }
  const server: Server = tls === null ? createServer(serve) : createTlsServer(tls, serve)
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { address, port } = server.address() as AddressInfo
  return {
    address,
    port,
    asked,
    open: () => sockets.size,
    ended: () => ended,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
