import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { publicTokenKey, type TokenKey } from './compile/tokenKeys.ts'

/** Where backends find the keys that requests are signed with; no data listener can serve this path. */
export const keySetPath = '/.well-known/gatehouse/jwks.json'

export interface KeySetServer {
  readonly port: number
  close(): Promise<void>
}

export interface KeySetOptions {
  readonly address: string
  /** 0 asks the operating system for one. */
  readonly port: number
  /** Those that sign, have signed or will; null = not known yet. */
  readonly keys: () => readonly TokenKey[] | null
}

/** Seconds for which a backend may remember the set: much less than the time that a key is in it before it signs. */
const maxAge = 300

/** Serves the key set (RFC 7517) of an installation. @throws the operating system's error when the address cannot be used */
export async function startKeySetServer({ address, port, keys }: KeySetOptions): Promise<KeySetServer> {
  const server = fastify({
    requestTimeout: 10_000,
    bodyLimit: 1024,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: false,
  })
  server.get(keySetPath, async (_request, reply) => {
    const known = keys()
    if (known === null) return await reply.code(503).header('retry-after', '1').send()
    return await reply
      .header('cache-control', `public, max-age=${maxAge}`)
      .type('application/jwk-set+json')
      .send(JSON.stringify({ keys: known.map(publicTokenKey) }))
  })
  await server.listen({ host: address, port })
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() }
}
