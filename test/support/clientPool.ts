import { Agent, request, type OutgoingHttpHeaders } from 'node:http'

export interface PoolAnswer {
  readonly status: number
  readonly body: string
}

/** Keep-alive connections to one listener, with Node's own client. */
export interface ClientPool {
  get(path: string, headers: OutgoingHttpHeaders): Promise<PoolAnswer>
  /** Connections opened so far; more than the size means that some were cut. */
  opened(): number
  close(): void
}

/** @param size - most connections at a time */
export function clientPool(target: { readonly address: string; readonly port: number }, size: number): ClientPool {
  const agent = new Agent({ keepAlive: true, maxSockets: size, maxFreeSockets: size, scheduling: 'fifo' })
  let opened = 0
  return {
    get: (path, headers) =>
      new Promise((resolve, reject) => {
        const sent = request({ host: target.address, port: target.port, path, headers, agent }, (response) => {
          let body = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => (body += chunk))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
          response.on('error', reject)
        })
        sent.on('socket', (socket) => {
          if (socket.connecting) opened++
        })
        sent.on('error', reject)
        sent.end()
      }),
    opened: () => opened,
    close: () => agent.destroy(),
  }
}
