import { connect } from 'node:net'
import type { buildConnector } from 'undici'

const keepAliveProbe = 60_000

/**
 * Opens plain TCP connections for undici. Its own connector rounds deadlines to half seconds.
 *
 * @param timeout - milliseconds until an attempt fails with `ETIMEDOUT`
 */
export const dialer = (timeout: number): buildConnector.connector => {
  return ({ hostname, port }, callback) => {
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveProbe }
    const socket = connect({ host: hostname, port: Number(port), ...options })
    const deadline = setTimeout(() => socket.destroy(timedOut()), timeout)
    const settle = (error: Error | null): void => {
      clearTimeout(deadline)
      socket.off('connect', connected)
      socket.off('error', settle)
      if (error === null) callback(null, socket)
      else callback(error, null)
    }
    const connected = (): void => settle(null)
    socket.on('connect', connected)
    socket.on('error', settle)
  }
}

const timedOut = (): Error => Object.assign(new Error('the connection attempt took too long'), { code: 'ETIMEDOUT' })
