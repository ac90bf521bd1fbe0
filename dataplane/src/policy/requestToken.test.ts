import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { noon, principal } from './policyFixture.ts'
import { tokenSigner, type SignedRequest } from './requestToken.ts'

const pem = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const [old, current, next] = [pem(), pem(), pem()] as const
const keys = [
  { kid: 'old', from: 0, privateKey: old },
  { kid: 'current', from: noon - 1, privateKey: current },
  { kid: 'next', from: noon + 1, privateKey: next },
]
const signer = tokenSigner({ issuer: 'urn:gatehouse:system:edge', keys })

const request = (over: Partial<SignedRequest> = {}): SignedRequest => ({
  audience: 'shop/orders',
  route: 'shop/orders',
  principal: null,
  method: 'GET',
  target: '/orders?x=1',
  ...over,
})

const parts = (token: string | null): readonly [header: unknown, claims: Record<string, unknown>] => {
  const [header = '', claims = ''] = (token ?? '').split('.')
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  return [decode(header), decode(claims)]
}

describe('a signed token', () => {
  it('is signed with the latest key that has begun', () => {
    const token = signer.token(request(), noon, 'id-1')!
    const [header] = parts(token)
    expect(header).toEqual({ alg: 'EdDSA', typ: 'gatehouse+jwt', kid: 'current' })
    const dot = token.lastIndexOf('.')
    const signature = Buffer.from(token.slice(dot + 1), 'base64url')
    expect(verify(null, Buffer.from(token.slice(0, dot)), createPublicKey(current), signature)).toBe(true)
  })

  it.each([
    [noon + 1, 'next'],
    [-1, 'old'],
  ])('at %d is signed with %s', (now, kid) => {
    expect(parts(signer.token(request(), now, 'id-1'))[0]).toMatchObject({ kid })
  })

  it('says for whom, for what and until when it is good', () => {
    const [, claims] = parts(signer.token(request(), noon + 999, 'id-1'))
    expect(claims).toEqual({
      iss: 'urn:gatehouse:system:edge',
      aud: 'shop/orders',
      iat: noon / 1000,
      exp: noon / 1000 + 60,
      jti: 'id-1',
      route: 'shop/orders',
      method: 'GET',
      // printf '/orders?x=1' | openssl dgst -sha256 -binary | basenc --base64url
      target: 'zfmPUqDDW2ivcXtOdNvXZT-nL1qx6oegYMpnm41vjgo',
    })
  })

  it('says who calls, and nothing that the caller lacks', () => {
    const caller = principal({
      id: '["a","b","c"]',
      subject: 'ada',
      roles: ['admin'],
      scopes: [],
      tenant: 'ac\u00e9',
      plan: null,
    })
    const [, claims] = parts(signer.token(request({ principal: caller }), noon, 'id-1'))
    expect(claims).toMatchObject({ sub: '["a","b","c"]', subject: 'ada', roles: ['admin'], tenant: 'ac\u00e9' })
    expect(claims).not.toHaveProperty('scopes')
    expect(claims).not.toHaveProperty('plan')
  })

  it('is none where the caller is too much to tell', () => {
    const caller = principal({ roles: ['r'.repeat(8000)] })
    expect(signer.token(request({ principal: caller }), noon, 'id-1')).toBeNull()
  })

  it('needs keys that are keys', () => {
    expect(() => tokenSigner({ issuer: 'a', keys: [{ kid: 'a', from: 0, privateKey: 'no key' }] })).toThrow()
  })
})
