import { createServer, type Server } from 'node:net'
import { once } from 'node:events'

/**
 * Ports of an address that nothing listens on at this moment, for programs that cannot be told to choose one. All are
 * held until the last is found, so that they differ.
 */
export async function freePorts(count: number, address = '127.0.0.1'): Promise<readonly number[]> {
  const servers: Server[] = []
  for (let index = 0; index < count; index++) {
    const server = createServer().listen(0, address)
    await once(server, 'listening')
    servers.push(server)
  }
  const ports = servers.map((server) => {
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('a TCP server has no port')
    return bound.port
  })
  await Promise.all(servers.map(async (server) => server.close() && once(server, 'close')))
  return ports
}
