import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import type { Lanes } from './lanes.ts'

interface Http2Options {
  /** Speaks TLS. */
  readonly port: number
  /** PEM of the authority that the peer is verified against. */
  readonly authority: string
  readonly sessions: number
  /** Each session has as many streams at once. */
  readonly streams: number
  readonly headers: OutgoingHttpHeaders
  /** null = none. */
  readonly body: Buffer | null
}

/** Streams of HTTP/2 sessions. An answer with a `grpc-status` counts as that many hundreds above 200: 0 is 200. */
export async function http2Lanes({ port, authority, sessions, streams, headers, body }: Http2Options): Promise<Lanes> {
  const open = await Promise.all(Array.from({ length: sessions }, () => session(port, authority)))
  return {
    count: sessions * streams,
    ask: (lane) => ask(open[lane % sessions]!, headers, body),
    close: () => open.forEach((one) => one.destroy()),
  }
}

const session = (port: number, authority: string): Promise<ClientHttp2Session> =>
  new Promise((resolve, reject) => {
    const settings = { initialWindowSize: 1024 * 1024 }
    const one = connect(`https://127.0.0.1:${port}`, {
      servername: 'api.shop.example',
      ca: authority,
      settings,
    })
    one.once('connect', () => resolve(one))
    one.once('error', reject)
  })

const ask = (from: ClientHttp2Session, headers: OutgoingHttpHeaders, body: Buffer | null): Promise<number> =>
  new Promise((resolve, reject) => {
    const stream = from.request(headers, { endStream: body === null })
    let status = 0
    let grpcStatus: number | null = null
    stream.on('response', (answer) => {
      status = Number(answer[constants.HTTP2_HEADER_STATUS])
      if (answer['grpc-status'] !== undefined) grpcStatus = Number(answer['grpc-status'])
    })
    stream.on('trailers', (trailers) => {
      if (trailers['grpc-status'] !== undefined) grpcStatus = Number(trailers['grpc-status'])
    })
    stream.on('error', reject)
    stream.on('end', () => resolve(grpcStatus === null ? status : 200 + 100 * grpcStatus))
    stream.resume()
    if (body !== null) stream.end(body)
  })
