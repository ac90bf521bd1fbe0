import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'

/** A call as a backend of gRPC saw it. */
export interface GrpcCall {
  readonly headers: IncomingHttpHeaders
  readonly stream: ServerHttp2Stream
  /** What has come of the body so far. */
  body: string
  /** Whether the body has ended. */
  ended: boolean
  /** With what the stream was reset; 0 = it ended well; null = it runs. */
  code: number | null
}

/** A server that speaks HTTP/2 by prior knowledge. */
export interface GrpcBackend {
  readonly address: string
  readonly port: number
  readonly calls: readonly GrpcCall[]
  sessions(): number
  close(): Promise<void>
}

/** Answers with what came, and status 0. */
export function echo({ stream }: GrpcCall): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' }))
  stream.pipe(stream)
}

export async function startGrpcBackend(answer: (call: GrpcCall) => void = echo): Promise<GrpcBackend> {
  const calls: GrpcCall[] = []
  const sessions = new Set<{ destroy(): void }>()
  let count = 0
  const server = createServer()
  server.on('sessionError', () => {})
  server.on('session', (session) => {
    count++
    sessions.add(session)
  })
  server.on('stream', (stream, headers) => {
    const call: GrpcCall = { headers, stream, body: '', ended: false, code: null }
    calls.push(call)
    stream.on('data', (chunk: Buffer) => (call.body += chunk.toString('latin1')))
    stream.on('end', () => (call.ended = true))
    stream.on('error', () => {})
    stream.on('close', () => (call.code = stream.rstCode ?? 0))
    answer(call)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: '127.0.0.1',
    port,
    calls,
    sessions: () => count,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy()
        server.close(() => resolve())
      }),
  }
}
