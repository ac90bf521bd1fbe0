import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as the backend saw it. */
export interface SeenRequest {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

/** A small real backend: it answers with what it saw, until it is told to fail or to wait. */
export interface DemoBackend {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** By the request id that the gateway wrote. */
  readonly seen: ReadonlyMap<string, SeenRequest>
  /** Connections accepted so far. */
  connections(): number
  /** How requests are answered from now on. `hold` answers only when it resolves. */
  behave(behaviour: { readonly failing?: boolean; readonly hold?: Promise<void> }): void
  close(): Promise<void>
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

/** Starts a backend on a free port of 127.0.0.1. */
export async function startBackend(name: string): Promise<DemoBackend> {
  const seen = new Map<string, SeenRequest>()
  const sockets = new Set<Socket>()
  let accepted = 0
  let behaviour: Parameters<DemoBackend['behave']>[0] = {}
  const server = createServer((request, response) => {
    const { method = '', url: target = '', headers } = request
    seen.set(String(headers['x-request-id']), { method, target, headers })
    request.resume()
    const { failing = false, hold = Promise.resolve() } = behaviour
    void hold.then(() =>
      failing
        ? answer(response, 500, { error: `${name} is broken` })
        : answer(response, 200, { backend: name, method, target, headers }),
    )
  })
  server.on('connection', (socket) => {
    accepted++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    connections: () => accepted,
    behave: (next) => (behaviour = next),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
