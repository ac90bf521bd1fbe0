import type { ServerResponse } from 'node:http'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { echo, type Backend } from '../support/backend.ts'
import { openRaw, type RawConnection } from '../support/raw.ts'
import type { RawResponse } from '../support/response.ts'
import { listenerPort } from './installation.ts'

/** One connection to one data plane, on which a client asks again and again. */
export interface Held {
  readonly socket: TLSSocket
  /** Sends a request and waits for its answer. */
  ask(host: string, path?: string, ...headers: readonly string[]): Promise<RawResponse>
  /** Begins a download from {@link streaming}, and waits for its first byte. @returns the whole answer, in the end */
  download(host: string, ...headers: readonly string[]): Promise<{ readonly whole: Promise<RawResponse> }>
  /** Resolves when the data plane has ended it. */
  readonly ended: Promise<void>
  close(): void
}

export async function hold(address: string, tls: ConnectionOptions): Promise<Held> {
  const options = { tls: { checkServerIdentity: () => undefined, ...tls }, timeout: 20_000 }
  const connection = await openRaw({ address, port: listenerPort }, options)
  const ended = new Promise<void>((resolve) => connection.socket.once('end', resolve))
  let asked = 0
  return {
    socket: connection.socket as TLSSocket,
    ask: async (host, path = '/', ...headers) => {
      await connection.send(head(host, path, headers))
      return await answer(connection, ++asked)
    },
    download: async (host, ...headers) => {
      const begun = new Promise((resolve) => connection.socket.once('data', resolve))
      await connection.send(head(host, '/download', headers))
      await begun
      return { whole: answer(connection, ++asked) }
    },
    ended,
    close: () => connection.close(),
  }
}

const head = (host: string, path: string, headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...headers, '', ''].join('\r\n')

async function answer(connection: RawConnection, count: number): Promise<RawResponse> {
  const { responses } = await connection.read(count)
  const last = responses[count - 1]
  if (last === undefined) throw new Error('the connection was cut before the answer')
  return last
}

/** What the last bytes of a whole download say. */
export const downloadEnd = 'the end'

/** Lets the backend stream `/download` until it is told to end, and echo all else. @returns ends what streams */
export function streaming(backend: Backend): () => void {
  const streams = new Map<ServerResponse, NodeJS.Timeout>()
  backend.respond((request, response) => {
    if (request.target !== '/download') return echo(request, response)
    const write = (): void => void response.write('x'.repeat(1000))
    write()
    streams.set(response, setInterval(write, 20))
    response.once('close', () => clearInterval(streams.get(response)))
  })
  return () => {
    for (const [response, timer] of streams) {
      clearInterval(timer)
      response.end(downloadEnd)
    }
    streams.clear()
  }
}
