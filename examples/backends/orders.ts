import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'

/** A backend that answers only what the gateway sends it: it checks the token of each request (docs/guides/backend-identity.md). */
export interface OrdersOptions {
  /** Where the key set is. */
  readonly keySet: string
  /** The installation: `urn:gatehouse:NAMESPACE:NAME`. */
  readonly issuer: string
  /** This backend: namespace, slash, audience. */
  readonly audience: string
}

type Members = { readonly [name: string]: unknown }

const decode = (part: string): Members => JSON.parse(Buffer.from(part, 'base64url').toString()) as Members

/** Seconds by which the clocks may differ. */
const skew = 5

/** The keys by their id, fetched anew when one is asked for that is not there. */
function keysOf(url: string): (kid: string) => Promise<JsonWebKey | undefined> {
  let known = new Map<string, JsonWebKey>()
  return async (kid) => {
    if (!known.has(kid)) {
      const { keys } = (await (await fetch(url)).json()) as { keys: (JsonWebKey & { kid: string })[] }
      known = new Map(keys.map((key) => [key.kid, key]))
    }
    return known.get(kid)
  }
}

/** Checks requests. @returns the claims of the token; null when the request is not from the gateway */
export function gatewayOnly({ keySet, issuer, audience }: OrdersOptions) {
  const keyOf = keysOf(keySet)
  const seen = new Map<unknown, number>()
  return async (request: IncomingMessage): Promise<Members | null> => {
    const [head = '', body = '', signature = ''] = String(request.headers['x-gatehouse-token'] ?? '').split('.')
    try {
      const header = decode(head)
      const key = header['alg'] === 'EdDSA' && header['typ'] === 'gatehouse+jwt' && (await keyOf(String(header['kid'])))
      if (!key) return null
      const signed = Buffer.from(`${head}.${body}`)
      if (!verify(null, signed, createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url')))
        return null
      const claims = decode(body)
      const now = Date.now() / 1000
      const target = createHash('sha256')
        .update(request.url ?? '', 'latin1')
        .digest('base64url')
      const fits = claims['iss'] === issuer && claims['aud'] === audience && Number(claims['exp']) > now - skew
      if (!fits || claims['method'] !== request.method || claims['target'] !== target) return null
      for (const [id, end] of seen) if (end < now - skew) seen.delete(id)
      if (seen.has(claims['jti'])) return null
      seen.set(claims['jti'], Number(claims['exp']))
      return claims
    } catch {
      return null
    }
  }
}

/** Starts the backend. It says who called, or 403. */
export function ordersBackend(options: OrdersOptions): Server {
  const check = gatewayOnly(options)
  return createServer((request, response) => {
    void check(request).then((claims) => {
      response.writeHead(claims === null ? 403 : 200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify(claims === null ? { error: 'not from the gateway' } : { caller: claims['sub'] ?? null }),
      )
    })
  })
}
