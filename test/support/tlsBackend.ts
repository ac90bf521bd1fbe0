import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket, TlsOptions } from 'node:tls'
import type { Leaf } from './authority.ts'

/** A request as a backend behind TLS saw it, and the connection that it came by. */
export interface SecuredRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly httpVersion: string
  /** SNI; false = none. */
  readonly servername: string | false
  readonly alpn: string | false
  readonly version: string
  /** Common name of the client's certificate; null = it showed none. */
  readonly client: string | null
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/** A server behind TLS that remembers what it was asked, and by whom. */
export interface TlsBackend {
  readonly address: string
  readonly port: number
  readonly requests: readonly SecuredRequest[]
  /** Connections that came, whatever became of them. */
  accepted(): number
  close(): Promise<void>
}

export interface TlsBackendOptions {
  readonly leaf: Leaf
  /** Default: HTTP1. */
  readonly protocol?: 'HTTP1' | 'HTTP2'
  readonly tls?: TlsOptions
  /** Default: 200 `ok`. */
  readonly respond?: (request: Request, response: Response) => void
}

function seen(request: Request): SecuredRequest {
  const socket = request.socket as TLSSocket & { readonly servername: string | false }
  const subject: unknown = socket.getPeerCertificate().subject?.CN
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: request.headers,
    httpVersion: request.httpVersion,
    servername: socket.servername,
    alpn: socket.alpnProtocol ?? false,
    version: socket.getProtocol() ?? '',
    client: typeof subject === 'string' ? subject : null,
  }
}

export async function startTlsBackend({
  leaf,
  protocol = 'HTTP1',
  tls = {},
  respond = (_request, response) => void response.end('ok'),
}: TlsBackendOptions): Promise<TlsBackend> {
  const requests: SecuredRequest[] = []
  const sockets = new Set<{ destroy(): unknown }>()
  const options = { cert: leaf.certificate, key: leaf.privateKey, ...tls }
  const listener = (request: Request, response: Response): void => {
    requests.push(seen(request))
    respond(request, response)
  }
  const server = protocol === 'HTTP1' ? createServer(options, listener) : createSecureServer(options, listener)
  let accepted = 0
  server.on('connection', (socket) => {
    accepted++
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: '127.0.0.1',
    port,
    requests,
    accepted: () => accepted,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
