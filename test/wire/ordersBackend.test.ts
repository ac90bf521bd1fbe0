import { generateKeyPairSync } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publicTokenKey, tokenKeysIn } from '../../controller/src/compile/tokenKeys.ts'
import { startKeySetServer } from '../../controller/src/keySetServer.ts'
import { tokenSigner, type SignedRequest } from '../../dataplane/src/policy/requestToken.ts'
import { ordersBackend } from '../../examples/backends/orders.ts'

const issuer = 'urn:gatehouse:system:edge'
const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const keys = tokenKeysIn([['1.pem', pem]])!
const signer = tokenSigner({ issuer, keys: [...keys] })

let id = 0
const tokenFor = (over: Partial<SignedRequest> = {}, now = Date.now(), jti = `id-${id++}`): string =>
  signer.token(
    { audience: 'shop/orders', route: 'shop/orders', principal: null, method: 'GET', target: '/a?b', ...over },
    now,
    jti,
  )!

describe('the backend of the examples, with the key set that a controller serves', () => {
  let keySet: Awaited<ReturnType<typeof startKeySetServer>>
  let backend: Server
  const portOf = (server: Server): number => (server.address() as AddressInfo).port
  beforeAll(async () => {
    keySet = await startKeySetServer({ address: '127.0.0.1', port: 0, keys: () => keys })
    const url = `http://127.0.0.1:${keySet.port}/.well-known/gatehouse/jwks.json`
    backend = ordersBackend({ keySet: url, issuer, audience: 'shop/orders' })
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    backend.close()
    await keySet.close()
  })
  const ask = async (token: string | null): Promise<number> => {
    const headers = token === null ? {} : { 'x-gatehouse-token': token }
    return (await fetch(`http://127.0.0.1:${portOf(backend)}/a?b`, { headers })).status
  }

  it('takes a request that the gateway signed, once', async () => {
    const token = tokenFor()
    expect([await ask(token), await ask(token)]).toEqual([200, 403])
  })

  it.each<[string, () => string | null]>([
    ['no token', () => null],
    ['a token for another backend', () => tokenFor({ audience: 'shop/other' })],
    ['a token for another method', () => tokenFor({ method: 'DELETE' })],
    ['a token for another path', () => tokenFor({ target: '/a?c' })],
    ['an old token', () => tokenFor({}, Date.now() - 120_000)],
    ['a token of somebody else', () => `${tokenFor().slice(0, -8)}AAAAAAAA`],
    ['no JWT', () => 'garbage'],
  ])('refuses %s', async (_name, token) => {
    expect(await ask(token())).toBe(403)
  })

  it('serves public members alone', () => {
    expect(Object.keys(publicTokenKey(keys[0]!))).toEqual(['kty', 'crv', 'alg', 'use', 'kid', 'x'])
  })
})
