import { publicTokenKey, type TokenKey } from './compile/tokenKeys.ts'
import { startInternalServer, type InternalAddress, type InternalServer } from './internalServer.ts'

/** Where backends find the keys that requests are signed with; no data listener can serve this path. */
export const keySetPath = '/.well-known/gatehouse/jwks.json'

export interface KeySetOptions extends InternalAddress {
  /** Those that sign, have signed or will; null = not known yet. */
  readonly keys: () => readonly TokenKey[] | null
}

/** Seconds for which a backend may remember the set: much less than the time that a key is in it before it signs. */
const maxAge = 300

/** Serves the key set (RFC 7517) of an installation. @throws the operating system's error when the address cannot be used */
export const startKeySetServer = ({ keys, ...where }: KeySetOptions): Promise<InternalServer> =>
  startInternalServer(where, (server) => {
    server.get(keySetPath, async (_request, reply) => {
      const known = keys()
      if (known === null) return await reply.code(503).header('retry-after', '1').send()
      return await reply
        .header('cache-control', `public, max-age=${maxAge}`)
        .type('application/jwk-set+json')
        .send(JSON.stringify({ keys: known.map(publicTokenKey) }))
    })
  })
