import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose'
import type { Json } from '@gatehouse/contract'

/** Signs tokens with a key of its own. */
export interface Issuer {
  readonly issuer: string
  /** The public key, as a JWK with `kid`, `alg` and `use`. */
  readonly jwk: { readonly [member: string]: string }
  readonly privateKey: CryptoKey
  /** The JWKS document with the public key. */
  readonly jwks: string
  /**
   * A compact JWS. `iss`, `iat` and `exp` (in 5 minutes) are set unless the claims say otherwise; a claim that is
   * `undefined` is left out.
   */
  sign(claims?: { readonly [claim: string]: Json | undefined }, header?: Partial<JWTHeaderParameters>): Promise<string>
}

/** The key type of Web Crypto, as jose hands it out. */
type CryptoKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

export interface IssuerOptions {
  readonly issuer?: string
  readonly algorithm?: string
  readonly kid?: string
}

/** A new issuer with a new key. */
export async function createIssuer(options: IssuerOptions = {}): Promise<Issuer> {
  const { issuer = 'https://idp.example', algorithm = 'RS256', kid = 'key-1' } = options
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const members = Object.entries(await exportJWK(publicKey)).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string'
  })
  const jwk = { ...Object.fromEntries(members), kid, alg: algorithm, use: 'sig' }
  return {
    issuer,
    jwk,
    privateKey,
    jwks: JSON.stringify({ keys: [jwk] }),
    sign: async (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const payload: JWTPayload = { iss: issuer, iat: now, exp: now + 300, ...claims }
      return await new SignJWT(payload).setProtectedHeader({ alg: algorithm, kid, ...header }).sign(privateKey)
    },
  }
}

/** A key set on plain http on loopback. */
export interface JwksServer {
  readonly uri: string
  /** Requests answered or refused so far. */
  fetches(): number
  /** What it answers from now on; a number is a status without keys. */
  serve(answer: string | number): void
  close(): Promise<void>
}

/** Serves a JWKS document on a free port of 127.0.0.1. */
export async function startJwksServer(answer: string | number): Promise<JwksServer> {
  let current = answer
  let fetches = 0
  const server = createServer((_request, response) => {
    fetches++
    if (typeof current === 'number') response.writeHead(current).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(current)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    fetches: () => fetches,
    serve: (next) => (current = next),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
