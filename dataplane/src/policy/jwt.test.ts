import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KeySource } from '../state/keySource.ts'
import { presented } from './credential.ts'
import { decodeJws } from './jws.ts'
import { remembered, verifyToken } from './jwt.ts'
import type { JwtProvider } from './jwtProvider.ts'
import {
  assembled,
  ecKey,
  goodClaims,
  jwtProvider,
  keySource,
  noon,
  rsaKey,
  signed,
  tokenCache,
} from './policyFixture.ts'
import { invalid, type Verdict } from './verdict.ts'

const rsa = rsaKey()
const ec = ecKey()
const stranger = rsaKey('rsa')
const keys = keySource([rsa, ec])

async function verify(token: string, provider: JwtProvider = jwtProvider(keys)): Promise<Verdict> {
  const jws = decodeJws(token)
  if (jws === null || provider.keys === null) return invalid
  return await verifyToken({ ...provider, keys: provider.keys }, presented(token), jws, () => noon)
}

const outcome = async (token: string, provider?: JwtProvider): Promise<string> => (await verify(token, provider)).type

const pem = (key = rsa): string => key.key.export({ type: 'spki', format: 'pem' }) as string
const der = rsa.key.export({ type: 'spki', format: 'der' })

function hmac(secret: string | Buffer, header: Record<string, unknown> = {}): string {
  const token = assembled({ alg: 'HS256', kid: 'rsa', ...header }, goodClaims, '')
  const input = token.slice(0, -1)
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

describe('what counts as forged', () => {
  it.each<[string, () => string, boolean]>([
    ['a signature by another key', () => signed(stranger, goodClaims, { kid: 'rsa' }), true],
    [
      'a good signature over another text',
      () =>
        signed(rsa, goodClaims).replace(
          /\.[^.]+\./,
          `.${Buffer.from(JSON.stringify({ ...goodClaims, sub: 'eve' })).toString('base64url')}.`,
        ),
      true,
    ],
    ['an expired token', () => signed(rsa, { ...goodClaims, exp: noon / 1000 - 1 }), false],
    ['a token for others', () => signed(rsa, { ...goodClaims, aud: 'billing' }), false],
    ['a key that is not, or no longer, in the set', () => signed(stranger, goodClaims, { kid: 'gone' }), false],
  ])('%s', async (_name, token, forged) => {
    expect(await verify(token())).toEqual({ type: 'invalid', forged })
  })
})

describe('signatures', () => {
  it.each([
    ['RS256', () => signed(rsa, goodClaims)],
    ['ES256', () => signed(ec, goodClaims)],
    ['no kid', () => signed(rsa, goodClaims, { kid: undefined })],
  ])('%s is good', async (_name, token) => {
    const verdict = await verify(token())
    expect(verdict).toMatchObject({ type: 'valid', principal: { subject: 'ada', issuer: 'https://idp' } })
  })

  const tampered = (token: string): string => {
    const [header, , signature] = token.split('.')
    const claims = Buffer.from(JSON.stringify({ ...goodClaims, sub: 'eve' })).toString('base64url')
    return `${header}.${claims}.${signature}`
  }

  it.each([
    ['another key', () => signed(stranger, goodClaims)],
    ['changed claims', () => tampered(signed(rsa, goodClaims))],
    ['cut signature', () => signed(rsa, goodClaims).slice(0, -8)],
    ['no signature', () => assembled({ alg: 'RS256', kid: 'rsa' }, goodClaims, '')],
    ['none', () => assembled({ alg: 'none' }, goodClaims, '')],
    ['None', () => assembled({ alg: 'None', kid: 'rsa' }, goodClaims, '')],
    ['no alg', () => signed(rsa, goodClaims, { alg: undefined })],
    ['alg that is no text', () => signed(rsa, goodClaims, { alg: ['RS256'] })],
    ['alg of the prototype', () => signed(rsa, goodClaims, { alg: 'constructor' })],
    ['alg in lower case', () => signed(rsa, goodClaims, { alg: 'rs256' })],
    ['alg that the provider does not list', () => signed(rsa, goodClaims, { alg: 'PS256' })],
    ['alg that the key is not for', () => signed(rsa, goodClaims, { alg: 'ES256' })],
    ['EC token with the RSA key', () => signed(ec, goodClaims, { kid: 'rsa' })],
    ['kid of another key', () => signed(rsa, goodClaims, { kid: 'ec' })],
    ['unknown kid', () => signed(rsa, goodClaims, { kid: 'nobody' })],
    ['kid that is no text', () => signed(rsa, goodClaims, { kid: 7 })],
    ['empty kid', () => signed(rsa, goodClaims, { kid: '' })],
    ['kid that is a path', () => signed(rsa, goodClaims, { kid: '../../dev/null' })],
    [
      'zero ECDSA signature (CVE-2022-21449)',
      () => assembled({ alg: 'ES256', kid: 'ec' }, goodClaims, Buffer.alloc(64)),
    ],
    ['HMAC with the PEM (CVE-2015-9235)', () => hmac(pem())],
    ['HMAC with the PEM, trimmed', () => hmac(pem().trim())],
    ['HMAC with the PEM after a space (CVE-2026-34950)', () => hmac(` ${pem()}`)],
    ['HMAC with the DER', () => hmac(der)],
    ['HMAC with the JWK', () => hmac(JSON.stringify(rsa.key.export({ format: 'jwk' })))],
    ['HMAC with nothing', () => hmac('')],
    ['unknown crit', () => signed(rsa, goodClaims, { crit: ['x'], x: 1 })],
    ['empty crit', () => signed(rsa, goodClaims, { crit: [] })],
    ['crit that is no list', () => signed(rsa, goodClaims, { crit: 'exp' })],
    ['crit b64', () => signed(rsa, goodClaims, { crit: ['b64'], b64: true })],
    ['b64 alone', () => signed(rsa, goodClaims, { b64: false })],
  ])('%s is not', async (_name, token) => {
    expect(await outcome(token())).toBe('invalid')
  })

  const own = stranger.key.export({ format: 'jwk' })
  it.each([
    ['jwk (CVE-2018-0114)', { jwk: own }],
    ['jwk without kid', { jwk: own, kid: undefined }],
    ['jku', { jku: 'https://evil.example/jwks' }],
    ['x5u', { x5u: 'https://evil.example/cert' }],
    ['x5c', { x5c: ['MII'] }],
  ])('a key of the token itself, by %s, counts for nothing', async (_name, header) => {
    expect(await outcome(signed(stranger, goodClaims, header))).toBe('invalid')
    expect(await outcome(signed(rsa, goodClaims, header))).toBe('valid')
  })

  it('tries a bounded number of keys', async () => {
    const many = keySource([...Array.from({ length: 4 }, () => rsaKey('same')), { ...rsa, kid: 'same' }])
    expect(await outcome(signed(rsa, goodClaims, { kid: 'same' }), jwtProvider(many))).toBe('invalid')
    many.keys = many.keys.slice(1)
    expect(await outcome(signed(rsa, goodClaims, { kid: 'same' }), jwtProvider(many))).toBe('valid')
  })
})

describe('requiredTyp', () => {
  const provider = jwtProvider(keys, { requiredTyp: 'at+jwt' })
  it.each([
    ['at+jwt', 'valid'],
    ['AT+JWT', 'valid'],
    ['application/at+jwt', 'valid'],
    ['JWT', 'invalid'],
    ['text/at+jwt', 'invalid'],
    ['', 'invalid'],
    [undefined, 'invalid'],
    [['at+jwt'], 'invalid'],
  ])('%j: %s', async (typ, expected) => {
    expect(await outcome(signed(rsa, goodClaims, { typ }), provider)).toBe(expected)
  })
})

describe('claims that are no object', () => {
  it.each(['[]', 'null', '"x"', '1', '{', '', '{"iss":"https://idp"}x'])('%j', async (text) => {
    expect(await outcome(signed(rsa, text))).toBe('invalid')
  })
})

describe('keys that are not there', () => {
  it('asks once for more', async () => {
    const source = keySource([])
    source.renew = () => {
      source.renewed++
      source.keys = [rsa]
      return Promise.resolve()
    }
    expect(await outcome(signed(rsa, goodClaims), jwtProvider(source))).toBe('valid')
    expect(source.renewed).toBe(1)
  })

  it('does not ask for what the provider would not take', async () => {
    const source = keySource([])
    await verify(signed(rsa, goodClaims, { alg: 'HS256' }), jwtProvider(source))
    await verify(signed(rsa, goodClaims, { crit: ['x'] }), jwtProvider(source))
    expect(source.renewed).toBe(0)
  })

  it('tells a key that cannot be fetched from one that does not exist', async () => {
    const source: KeySource = { ...keySource([]), unavailableFor: () => 7 }
    expect(await verify(signed(rsa, goodClaims), jwtProvider(source))).toEqual({ type: 'unavailable', retryAfter: 7 })
  })
})

describe('remembered', () => {
  it('knows a verified token until it expires', async () => {
    const provider = jwtProvider(keySource([rsa]))
    const token = presented(signed(rsa, goodClaims))
    expect(remembered(provider, token, noon)).toBeNull()
    await verify(token.text, provider)
    expect(remembered(provider, token, noon)).toMatchObject({ type: 'valid' })
    expect(remembered(provider, token, noon + 59_999)).toMatchObject({ type: 'valid' })
    expect(remembered(provider, token, noon + 60_000)).toBeNull()
  })

  it('forgets at once what was signed with a key that is gone (GHSA-675f-rq2r-jw82)', async () => {
    const source = keySource([rsa])
    const provider = jwtProvider(source)
    const token = presented(signed(rsa, goodClaims))
    await verify(token.text, provider)
    source.keys = [{ ...rsa, id: 'same kid, other key' }]
    expect(remembered(provider, token, noon)).toBeNull()
    source.keys = []
    expect(remembered(provider, token, noon)).toBeNull()
  })

  it('keeps providers apart that share a cache (CVE-2026-35039)', async () => {
    const cache = tokenCache()
    const first = jwtProvider(keys, {}, { cache, hash: 'first' })
    const second = jwtProvider(keys, { audiences: ['other'] }, { cache, hash: 'second' })
    const token = presented(signed(rsa, goodClaims))
    await verify(token.text, first)
    expect(remembered(first, token, noon)).not.toBeNull()
    expect(remembered(second, token, noon)).toBeNull()
  })

  it('does not remember what was refused', async () => {
    const cache = tokenCache()
    await verify(signed(stranger, goodClaims), jwtProvider(keys, {}, { cache }))
    await verify(signed(rsa, { ...goodClaims, exp: 1 }), jwtProvider(keys, {}, { cache }))
    expect(cache.entries.size).toBe(0)
  })

  it('does not answer for a broken provider', async () => {
    const cache = tokenCache()
    const token = presented(signed(rsa, goodClaims))
    await verify(token.text, jwtProvider(keys, {}, { cache }))
    expect(remembered(jwtProvider(null, {}, { cache }), token, noon)).toBeNull()
  })
})
