import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { pushProtocol, type FromDataplane } from '@gatehouse/contract'
import { changes, type Changes } from './changes.ts'
import type { Leaf } from './authority.ts'

/** A session as the scripted controller sees it. */
export interface ScriptedSession {
  readonly socket: WebSocket
  /** Every message received, in order. */
  readonly received: Changes<FromDataplane>
  /** Sends a frame as it is. */
  send(frame: string | Buffer): void
}

/** A push server that sends whatever a test tells it to: for hostile, torn and replayed messages. */
export interface ScriptedController {
  /** `host:port`. */
  readonly address: string
  readonly sessions: Changes<ScriptedSession>
  close(): Promise<void>
}

/**
 * Listens on a free port of 127.0.0.1. Any client that the authority vouches for may connect.
 *
 * @param begun - called with each new session before its first message
 */
export async function startScriptedController(
  ca: string,
  leaf: Leaf,
  begun: (session: ScriptedSession) => void = () => {},
): Promise<ScriptedController> {
  const server = createServer({
    ca,
    cert: leaf.certificate,
    key: leaf.privateKey,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  })
  const sockets = new WebSocketServer({ server, handleProtocols: () => pushProtocol })
  const sessions = changes<ScriptedSession>()
  sockets.on('connection', (socket) => {
    const received = changes<FromDataplane>()
    socket.on('message', (data: Buffer) => received.add(JSON.parse(data.toString()) as FromDataplane))
    socket.on('error', () => socket.terminate())
    const session: ScriptedSession = { socket, received, send: (frame) => socket.send(frame) }
    begun(session)
    sessions.add(session)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
