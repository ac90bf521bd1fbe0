import type { Socket } from 'node:net'
import type { Dial } from './dial.ts'
import { NamespaceFull, type NamespaceLoad } from './namespaceLoads.ts'

/**
 * Opens connections as long as their namespace may have more, and counts each until it is closed.
 *
 * @param load - of the upstream's namespace, now
 */
export const boundedDial =
  (dial: Dial, load: () => NamespaceLoad): Dial =>
  async () => {
    const own = load()
    if (own.crowded) throw new NamespaceFull('the namespace has as many connections as it may')
    own.connections++
    let socket: Socket | null = null
    try {
      socket = await dial()
      return socket
    } finally {
      if (socket === null || socket.closed) own.connections--
      else socket.once('close', () => void own.connections--)
    }
  }
