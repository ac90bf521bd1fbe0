import type { ConnectionOptions } from 'node:tls'
import { RedisClient } from '@redis/client'

/** Who the gateway is to a store; null = nobody asks. */
export interface StoreLogin {
  /** null = the store's default user. */
  readonly username: string | null
  readonly password: string
}

/** A server of a store, at an address that has been checked. */
export interface StoreEndpoint {
  /** An IP address. */
  readonly address: string
  readonly port: number
  /** null = plain text. */
  readonly tls: ConnectionOptions | null
  readonly login: StoreLogin | null
}

/** One connection to one server. Once it has ended it never comes back. */
export interface StoreConnection {
  /**
   * Sends one command.
   *
   * @returns whatever the server says; it may never come, so waiting is the caller's to bound
   * @throws Error with the server's own word, such as `READONLY`, or because the connection is not there or full
   */
  send(command: readonly string[]): Promise<unknown>
  /** Fails what is on its way. */
  close(): void
}

/** Most commands that are on their way at once; beyond it the store is too slow to wait for. */
const maxInFlight = 2000
/** The protocol version that every Redis and Valkey speaks. */
const protocol = 2
/** Made once: `createClient` builds all commands anew for each address, and nothing else runs for the tens of milliseconds. */
const clientOf = RedisClient.factory({ RESP: protocol })

/**
 * Opens a connection and logs in. node-redis neither queues nor connects again by itself here: whoever owns the connection
 * looks first who leads the store now.
 *
 * @param timeout - milliseconds for all of it
 * @param lost - called once when a connection that stood has ended
 */
export async function connect(endpoint: StoreEndpoint, timeout: number, lost: () => void): Promise<StoreConnection> {
  const { login } = endpoint
  const options = {
    RESP: protocol,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandsQueueMaxLength: maxInFlight,
    // Its own deadline costs a signal for each command, and ends with the writing of it.
    commandOptions: { timeout: 0 },
    socket: socketOf(endpoint, timeout),
    ...(login && { password: login.password, ...(login.username !== null && { username: login.username }) }),
  } as const
  const client = clientOf(options)
  client.on('error', ignore)
  // The socket's own time ends when it is connected; a server that is frozen then never answers the login.
  const timer = setTimeout(() => client.destroy(), timeout)
  try {
    await client.connect()
  } catch (error) {
    client.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
  client.once('terminated', lost)
  return { send: (command) => client.sendCommand(command), close: () => client.destroy() }
}

function socketOf({ address, port, tls }: StoreEndpoint, timeout: number) {
  const common = { host: address, port, connectTimeout: timeout, reconnectStrategy: false as const }
  return tls === null ? common : { ...tls, ...common, tls: true as const }
}

const ignore = (): void => {}
