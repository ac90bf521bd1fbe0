import type { Socket } from 'node:net'
import { readClientHello } from './clientHello.ts'
import { firstBytes, type Look } from './firstBytes.ts'

interface Greeting {
  readonly serverName: string | null
}

function look(bytes: Buffer): Look<Greeting> {
  const hello = readClientHello(bytes)
  return hello.type === 'hello' ? { found: hello, used: 0 } : hello.type
}

/**
 * Waits for the ClientHello of a new connection and puts its bytes back.
 *
 * @param timeout - milliseconds
 * @param greeted - called with the server name as sent; null = the client names none
 */
export const greet = (transport: Socket, timeout: number, greeted: (serverName: string | null) => void): void =>
  firstBytes(transport, timeout, look, ({ serverName }) => greeted(serverName))
