import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { buildConnector } from 'undici'

/** Opens one connection to an upstream; rejects when there is none in time, or when it is not the upstream's. */
export type Dial = () => Promise<Socket>

/** An address and how it is spoken to. */
export interface Endpoint {
  /** An IP address. */
  readonly address: string
  readonly port: number
  /** null = plain text. */
  readonly tls: ConnectionOptions | null
}

const keepAliveProbe = 60_000
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveProbe }

/**
 * Opens a connection and finishes its handshake. undici's own connector rounds deadlines to half seconds.
 *
 * @param timeout - milliseconds until the attempt fails with `ETIMEDOUT`
 */
export function open({ address, port, tls }: Endpoint, timeout: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tls === null ? connectTcp({ host: address, port, ...socketOptions }) : secured(address, port, tls)
    const deadline = setTimeout(() => socket.destroy(timedOut()), timeout)
    const settle = (error: Error | null): void => {
      clearTimeout(deadline)
      socket.off('error', settle)
      if (error !== null) return reject(error)
      // Whoever takes the socket listens a step later; an error before that must not end the process.
      socket.on('error', nameReset)
      resolve(socket)
    }
    socket.once('error', settle)
    socket.once(tls === null ? 'connect' : 'secureConnect', () => settle(null))
  })
}

function secured(address: string, port: number, options: ConnectionOptions): Socket {
  const socket = connectTls({ ...options, host: address, port })
  return socket.setNoDelay(true).setKeepAlive(true, keepAliveProbe)
}

/** For undici, which is given addresses without TLS so that it looks at no name of its own. */
export const connectorOf =
  (dial: Dial): buildConnector.connector =>
  (_options, callback) => {
    dial().then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : timedOut(), null),
    )
  }

export const timedOut = (): Error =>
  Object.assign(new Error('the connection attempt took too long'), { code: 'ETIMEDOUT' })

/** undici takes ECONNRESET for the end of a body that has no other end: a reset must not look like that to it. */
function nameReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET'
}
