import { connect, type Socket } from 'node:net'

/** What to send, again and again. */
export interface LoadOptions {
  readonly port: number
  readonly connections: number
  /** How many requests in all. */
  readonly requests: number
  /** The bytes of request number `index`. */
  readonly request: (index: number) => string
}

export interface LoadResult {
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>
  /** Milliseconds. */
  readonly elapsed: number
}

const contentLength = /\r\ncontent-length: *(\d+)/i

/**
 * Sends requests over keep-alive connections, each its next when the last is answered. Answers must have a
 * Content-Length. @throws Error when a connection ends early
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const statuses = new Map<number, number>()
  let next = 0
  const started = performance.now()
  const take = (): string | null => (next < options.requests ? options.request(next++) : null)
  const done = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1)
  await Promise.all(Array.from({ length: options.connections }, () => run(options.port, take, done)))
  return { statuses, elapsed: performance.now() - started }
}

function run(port: number, take: () => string | null, done: (status: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let held = ''
    const send = (): void => {
      const request = take()
      if (request !== null) socket.write(request, 'latin1')
      else socket.end(resolve)
    }
    socket.setEncoding('latin1')
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the connection ended before the answer')))
    socket.on('data', (chunk: string) => {
      held = held === '' ? chunk : held + chunk
      const head = held.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(contentLength.exec(held.slice(0, head))?.[1])
      if (Number.isNaN(length)) return void socket.destroy(new Error('an answer without Content-Length'))
      if (held.length < head + 4 + length) return
      const status = Number(held.slice(9, 12))
      held = ''
      done(status)
      send()
    })
  })
}
