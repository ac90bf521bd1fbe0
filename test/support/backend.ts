import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A request as a backend saw it. */
export interface RecordedRequest {
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  /** Name, value, name, value … as received. */
  readonly rawHeaders: readonly string[]
  /** What arrived of the body. */
  readonly body: Buffer
  /** False when the body broke off. */
  readonly complete: boolean
}

/** Answers a request whose body has arrived. */
export type Responder = (request: RecordedRequest, response: ServerResponse) => void

/** A server that remembers everything it received. */
export interface Backend {
  readonly address: string
  readonly port: number
  /** In the order in which they ended. */
  readonly requests: readonly RecordedRequest[]
  /** Every byte received, over all connections. */
  bytes(): Buffer
  /** Connections accepted so far. */
  accepted(): number
  /** Connections open now. */
  open(): number
  /** Replaces the responder. */
  respond(responder: Responder): void
  close(): Promise<void>
}

/** Answers 200 with what arrived, as JSON. */
export const echo: Responder = (request, response) => {
  const body = JSON.stringify({
    method: request.method,
    target: request.target,
    rawHeaders: request.rawHeaders,
    body: request.body.toString('latin1'),
  })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
}

/**
 * Starts an HTTP/1.1 backend on a free port.
 *
 * @param keepAliveTimeout - milliseconds after which it ends connections that nobody uses, the usual five seconds unless told
 */
export async function startBackend(
  responder: Responder = echo,
  address = '127.0.0.1',
  keepAliveTimeout = 5000,
): Promise<Backend> {
  const requests: RecordedRequest[] = []
  let respond = responder
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout }, (incoming, response) => {
    record(incoming, (request) => {
      requests.push(request)
      if (request.complete) respond(request, response)
    })
  })
  const tap = await listen(server, address)
  return { ...tap, requests, respond: (next) => (respond = next) }
}

/** Called with what arrives on a connection of a raw backend; answers by writing to the socket. */
export type RawResponder = (socket: Socket, chunk: Buffer) => void

/** Starts a backend that speaks no HTTP of its own: for torn, hostile and unsolicited answers. */
export async function startRawBackend(responder: RawResponder): Promise<Omit<Backend, 'requests' | 'respond'>> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => responder(socket, chunk))
  })
  return await listen(server, '127.0.0.1')
}

function record(incoming: IncomingMessage, done: (request: RecordedRequest) => void): void {
  const chunks: Buffer[] = []
  let ended = false
  const finish = (): void => {
    if (ended) return
    ended = true
    done({
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      httpVersion: incoming.httpVersion,
      rawHeaders: incoming.rawHeaders,
      body: Buffer.concat(chunks),
      complete: incoming.complete,
    })
  }
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', finish)
  incoming.on('close', finish)
  incoming.on('error', finish)
}

async function listen(server: Server, address: string): Promise<Omit<Backend, 'requests' | 'respond'>> {
  const sockets = new Set<Socket>()
  const received: Buffer[] = []
  let accepted = 0
  server.on('connection', (socket) => {
    accepted++
    sockets.add(socket)
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return {
    address,
    port: (server.address() as AddressInfo).port,
    bytes: () => Buffer.concat(received),
    accepted: () => accepted,
    open: () => sockets.size,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
