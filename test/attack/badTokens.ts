import { request, type Answer, type Attack } from './attack.ts'
import { issuer } from './shop.ts'
import {
  forged,
  hmac,
  publicPem,
  replaced,
  signedClaims,
  signedPayload,
  signedText,
  sound,
  staffToken,
  withClaim,
} from './tokens.ts'
import type { Victim } from './victim.ts'

export type MakeToken = (victim: Victim) => Promise<string> | string

export const bearer = async (victim: Victim, make: MakeToken, target = '/orders', method = 'GET'): Promise<string> =>
  request(target, { method, headers: [`Authorization: Bearer ${await make(victim)}`] })

const answered = (name: string, make: MakeToken, answer: Answer, over: Partial<Attack> = {}): Attack => ({
  name,
  send: (victim) => bearer(victim, make),
  answers: [answer],
  logged: { rule: 'orders' },
  ...over,
})

export const refused = (name: string, make: MakeToken): Attack =>
  answered(name, make, ['unauthenticated', 'authentication'], {
    logged: { rule: 'orders', policy: 'shop/orders', principal: null },
    answered: { 'www-authenticate': /^Bearer/ },
  })

export const now = (): number => Math.floor(Date.now() / 1000)
export const none = (): string => ''

/** Tokens that nobody may be let in with. */
export const badTokens: readonly Attack[] = [
  { ...refused('no token', none), send: request('/orders') },
  refused('an empty token (CVE-2023-48312)', none),
  refused('text that is no token', () => 'let-me-in'),
  refused('alg none', () => forged({ alg: 'none' }, none)),
  refused('alg None in other letters', () => forged({ alg: 'nOnE' }, none)),
  refused('HS256 with the public key as the secret (CVE-2015-9235)', (victim) =>
    forged({ alg: 'HS256', kid: 'rsa-1' }, hmac(publicPem(victim))),
  ),
  refused('HS256 with the public key behind a space (CVE-2026-34950)', (victim) =>
    forged({ alg: 'HS256', kid: 'rsa-1' }, hmac(` ${publicPem(victim)}`)),
  ),
  refused('HS256 with the JWK as the secret', (victim) =>
    forged({ alg: 'HS256', kid: 'rsa-1' }, hmac(JSON.stringify(victim.idp.rsa.jwk))),
  ),
  refused('HS256 with an empty secret', () => forged({ alg: 'HS256', kid: 'rsa-1' }, hmac(''))),
  refused('an impostor\u2019s key under the known name', ({ impostor }) =>
    impostor.sign({ sub: 'alice', aud: 'orders', roles: ['admin'], tid: 'acme' }, { typ: 'at+jwt' }),
  ),
  refused('a key that nobody knows', (victim) => staffToken(victim, {}, { kid: 'rsa-2' })),
  refused('the signer\u2019s key in the header (CVE-2018-0114)', async ({ impostor }) =>
    impostor.sign(
      { sub: 'alice', aud: 'orders', roles: ['admin'], tid: 'acme' },
      {
        typ: 'at+jwt',
        jwk: { kty: 'RSA', n: impostor.jwk['n'] ?? '', e: impostor.jwk['e'] ?? '' },
      },
    ),
  ),
  refused('a key set named in the header (RFC 8725 3.10)', ({ impostor }) =>
    impostor.sign(
      { sub: 'alice', aud: 'orders', roles: ['admin'], tid: 'acme' },
      {
        typ: 'at+jwt',
        jku: 'https://evil.example/jwks',
        x5u: 'https://evil.example/cert',
      },
    ),
  ),
  refused('a key id that is a path', (victim) => staffToken(victim, {}, { kid: '../../dev/null' })),
  refused('an algorithm that is not allowed, with the right key', async ({ idp }) => {
    const key = await crypto.subtle.exportKey('jwk', idp.rsa.privateKey)
    const hash = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' }
    const other = await crypto.subtle.importKey(
      'jwk',
      { kty: 'RSA', n: key.n!, e: key.e!, d: key.d!, p: key.p!, q: key.q!, dp: key.dp!, dq: key.dq!, qi: key.qi! },
      hash,
      false,
      ['sign'],
    )
    const input = forged({ alg: 'RS512', kid: 'rsa-1' }, none).slice(0, -1)
    return `${input}.${Buffer.from(await crypto.subtle.sign(hash, other, Buffer.from(input))).toString('base64url')}`
  }),
  refused('a signature of zeros (CVE-2022-21449)', () =>
    forged({ alg: 'ES256', kid: 'ec-1' }, () => Buffer.alloc(64).toString('base64url')),
  ),
  refused('an algorithm of another key type', () => forged({ alg: 'ES256', kid: 'rsa-1' }, () => 'AAAA')),
  refused('a signature taken off', async (victim) => replaced(await staffToken(victim), 2, none)),
  refused('a signature cut short', async (victim) =>
    replaced(await staffToken(victim), 2, (text) => text.slice(0, -8)),
  ),
  refused('a claim exchanged under a good signature', async (victim) =>
    withClaim(await staffToken(victim), 'sub', 'root'),
  ),
  refused('a fourth part', async (victim) => `${await staffToken(victim)}.AAAA`),
  refused(
    'a JWE (CVE-2024-28176)',
    () =>
      `${Buffer.from('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AAAA"}').toString('base64url')}.AAAA.AAAA.AAAA.AAAA`,
  ),
  refused('padding behind the parts', async (victim) => `${await staffToken(victim)}==`),
  refused('expired a second ago', (victim) => staffToken(victim, { exp: now() - 1 })),
  refused('not valid yet', (victim) => staffToken(victim, { nbf: now() + 60 })),
  refused('no expiry', (victim) => signedClaims(victim, { exp: undefined })),
  refused('an expiry that is text (CVE-2026-25537)', (victim) => signedClaims(victim, { exp: String(now() + 300) })),
  refused('an expiry of null', (victim) => signedClaims(victim, { exp: null })),
  refused('an expiry in a list', (victim) => signedClaims(victim, { exp: [now() + 300] })),
  refused('an expiry of 1e999', (victim) =>
    signedPayload(
      victim,
      `{"iss":"${issuer}","sub":"alice","aud":"orders","roles":["admin"],"tid":"acme","exp":1e999}`,
    ),
  ),
  refused('a beginning that is text (CVE-2026-44459)', (victim) => signedClaims(victim, { nbf: 'tomorrow' })),
  refused('another audience', (victim) => staffToken(victim, { aud: 'billing' })),
  refused('no audience', (victim) => staffToken(victim, { aud: undefined })),
  refused('an audience that only begins right', (victim) => staffToken(victim, { aud: 'orders-internal' })),
  refused('an audience in an object', (victim) => signedClaims(victim, { aud: { orders: true } })),
  refused('an empty list of audiences', (victim) => staffToken(victim, { aud: [] })),
  refused('another issuer', (victim) => staffToken(victim, { iss: 'https://evil.example' })),
  refused('an issuer with a slash more', (victim) => staffToken(victim, { iss: `${issuer}/` })),
  refused('a list of issuers (CVE-2025-30144)', (victim) =>
    signedClaims(victim, { iss: [issuer, 'https://evil.example'] }),
  ),
  refused('no issuer', (victim) => signedClaims(victim, { iss: undefined })),
  refused('no subject (RFC 8725 3.8)', (victim) => staffToken(victim, { sub: undefined })),
  refused('an empty subject', (victim) => staffToken(victim, { sub: '' })),
  refused('a subject that is a number', (victim) => signedClaims(victim, { sub: 7 })),
  refused('an unknown critical extension (CVE-2026-32597)', (victim) =>
    signedClaims(victim, {}, { crit: ['x'], x: 1 }),
  ),
  refused('an unencoded payload', (victim) => signedClaims(victim, {}, { crit: ['b64'], b64: false })),
  refused('an identity token in place of an access token (RFC 8725 3.11)', (victim) =>
    staffToken(victim, {}, { typ: 'JWT' }),
  ),
  refused('no type', (victim) => signedClaims(victim, {}, { typ: undefined })),
  refused('a payload that is a list', (victim) => signedPayload(victim, '[]')),
  refused('a payload that is no UTF-8', (victim) => signedPayload(victim, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))),
  refused('a payload of ten thousand brackets', (victim) => signedPayload(victim, '['.repeat(4000))),
  refused('a subject named twice (RFC 7519 4)', (victim) =>
    signedPayload(victim, JSON.stringify(sound()).replace('"sub":"alice"', '"sub":"alice","sub":"root"')),
  ),
  refused('a subject named twice, once in disguise', (victim) =>
    signedPayload(victim, JSON.stringify(sound()).replace('"sub":"alice"', '"\\u0073ub":"root","sub":"alice"')),
  ),
  refused('an algorithm named twice (RFC 7515 4)', (victim) =>
    signedText(victim, '{"alg":"none","alg":"RS256","kid":"rsa-1","typ":"at+jwt"}', JSON.stringify(sound())),
  ),
  refused('a certificate chain in the header (RFC 8725 3.10)', ({ impostor }) =>
    impostor.sign(
      { sub: 'alice', aud: 'orders', roles: ['admin'], tid: 'acme' },
      { typ: 'at+jwt', x5c: ['MIIB'], x5t: 'AAAA' },
    ),
  ),
  refused('an id that is no text', (victim) => signedClaims(victim, { jti: 7 })),
  refused('an unencoded payload that nobody calls critical', (victim) => signedClaims(victim, {}, { b64: false })),
  refused('a list of extensions that is empty', (victim) => signedClaims(victim, {}, { crit: [] })),
  refused('a key id that is a number', (victim) => signedClaims(victim, {}, { kid: 1 })),
  refused('ten thousand dots (CVE-2025-30204)', () => '.'.repeat(10_000)),
  refused('claims that only the prototype has', (victim) =>
    signedPayload(victim, `{"__proto__":{"iss":"${issuer}","aud":"orders","exp":${now() + 300},"sub":"alice"}}`),
  ),
]
