import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { readResponse, type RawResponse } from './response.ts'

export interface RawOptions {
  /** How many responses to wait for; default: until the server closes the connection. */
  readonly responses?: number
  /** Methods of the requests sent, in order, so that answers to HEAD are read without a body. */
  readonly methods?: readonly string[]
  /** Connects with TLS. */
  readonly tls?: ConnectionOptions
  /** Milliseconds until the exchange fails; default 5,000. */
  readonly timeout?: number
}

/** What came back on a connection. */
export interface RawExchange {
  readonly responses: readonly RawResponse[]
  readonly bytes: Buffer
  /** True when the server ended the connection. */
  readonly closed: boolean
}

/**
 * Sends bytes as they are and reads what comes back. Text is sent as Latin-1, so every byte can be written. Several
 * pieces are sent one after the other, each in a packet of its own.
 *
 * @throws Error when neither the responses asked for nor the end of the connection came in time
 */
export async function sendRaw(
  target: { readonly address: string; readonly port: number },
  pieces: string | Buffer | readonly (string | Buffer)[],
  options: RawOptions = {},
): Promise<RawExchange> {
  const connection = await openRaw(target, options)
  try {
    const list = typeof pieces === 'string' || Buffer.isBuffer(pieces) ? [pieces] : pieces
    for (const piece of list) await connection.send(piece)
    return await connection.read(options.responses ?? Infinity)
  } finally {
    connection.close()
  }
}

/** A connection that stays open between sends. */
export interface RawConnection {
  readonly socket: Socket
  send(piece: string | Buffer): Promise<void>
  /** Waits until this many responses have come in all, or the server has closed. */
  read(responses: number): Promise<RawExchange>
  /** Ends it with a reset of whatever is still on its way. */
  close(): void
}

/** Opens a connection for {@link sendRaw}, or for several sends and reads. */
export async function openRaw(
  target: { readonly address: string; readonly port: number },
  options: Omit<RawOptions, 'responses'> = {},
): Promise<RawConnection> {
  const { address: host, port } = target
  const socket = options.tls === undefined ? connectTcp({ host, port }) : connectTls({ host, port, ...options.tls })
  socket.setNoDelay(true)
  await settled(socket, options.tls === undefined ? 'connect' : 'secureConnect')
  const received: Buffer[] = []
  let closed = false
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  socket.on('error', () => socket.destroy())
  socket.on('end', () => (closed = true))
  socket.on('close', () => (closed = true))
  return {
    socket,
    send: (piece) => write(socket, piece),
    read: async (responses) => {
      const exchange = (): RawExchange => parse(Buffer.concat(received), closed, options.methods ?? [])
      const enough = (): boolean => closed || (Number.isFinite(responses) && exchange().responses.length >= responses)
      await until(socket, enough, options.timeout ?? 5000)
      return exchange()
    },
    close: () => socket.destroy(),
  }
}

function parse(bytes: Buffer, closed: boolean, methods: readonly string[]): RawExchange {
  const responses: RawResponse[] = []
  for (let offset = 0, index = 0; offset < bytes.length;) {
    const read = readResponse(bytes, offset, { closed, head: methods[index] === 'HEAD' })
    if (read === null) break
    responses.push(read.response)
    offset = read.end
    if (read.response.status >= 200) index++
  }
  return { responses, bytes, closed }
}

// A server that has already closed answers a write with a reset: what it sent before is what counts.
const write = (socket: Socket, piece: string | Buffer): Promise<void> =>
  new Promise((resolve) => {
    if (!socket.writable) return resolve()
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece, () => setImmediate(resolve))
  })

function settled(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error)
    socket.once('error', fail)
    socket.once(event, () => {
      socket.off('error', fail)
      resolve()
    })
  })
}

function until(socket: Socket, done: () => boolean, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error?: Error): void => {
      clearTimeout(timer)
      for (const event of ['data', 'end', 'close']) socket.off(event, check)
      if (error === undefined) resolve()
      else reject(error)
    }
    const check = (): void => {
      if (done()) finish()
    }
    const timer = setTimeout(() => finish(new Error(`no complete answer within ${timeout} ms`)), timeout)
    for (const event of ['data', 'end', 'close']) socket.on(event, check)
    check()
  })
}
