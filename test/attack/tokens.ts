import { createHmac, createPublicKey } from 'node:crypto'
import type { Json } from '@gatehouse/contract'
import { audience, issuer } from './shop.ts'
import type { Victim } from './victim.ts'

/** Hostile and sound tokens, made by hand where a library would refuse to. */

export type Members = { readonly [name: string]: Json | undefined }

/** Alice of tenant acme, who may do everything that is not denied. */
export const aliceClaims: Members = { sub: 'alice', aud: audience, roles: ['admin'], tid: 'acme' }

/** A token as the shop's identity provider would sign it, but for what is said. */
export const staffToken = (
  victim: Victim,
  claims: Members = {},
  header: { [name: string]: string } = {},
): Promise<string> => victim.idp.rsa.sign({ ...aliceClaims, ...claims }, { typ: 'at+jwt', ...header })

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')

const seconds = (): number => Math.floor(Date.now() / 1000)

export const sound = (): Members => ({ iss: issuer, iat: seconds(), exp: seconds() + 300, ...aliceClaims })

/** Header and payload, and whatever a signer makes of them. */
export function forged(
  header: Members,
  sign: (input: string) => string,
  payload: string = JSON.stringify(sound()),
): string {
  const input = `${encode(JSON.stringify({ typ: 'at+jwt', ...header }))}.${encode(payload)}`
  return `${input}.${sign(input)}`
}

/** Signed as HS256 by whoever knows the public key (CVE-2015-9235). */
export const hmac =
  (secret: string | Buffer) =>
  (input: string): string =>
    createHmac('sha256', secret).update(input).digest('base64url')

/** The shop's public key as text. */
export const publicPem = ({ idp }: Victim): string =>
  createPublicKey({ key: { ...idp.rsa.jwk }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()

/** A sound token with one part exchanged. */
export function replaced(token: string, part: 0 | 1 | 2, change: (text: string) => string): string {
  const parts = token.split('.')
  parts[part] = change(parts[part] ?? '')
  return parts.join('.')
}

/** Exchanges a claim and keeps the signature. */
export const withClaim = (token: string, claim: string, value: Json): string =>
  replaced(token, 1, (text) => {
    const claims = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, Json>
    return encode(JSON.stringify({ ...claims, [claim]: value }))
  })

/** Signs exactly this payload with the shop's own key: what no JSON library would write. */
export async function signedPayload({ idp }: Victim, payload: string | Buffer, header: Members = {}): Promise<string> {
  const head = encode(JSON.stringify({ alg: 'RS256', kid: 'rsa-1', typ: 'at+jwt', ...header }))
  const input = `${head}.${Buffer.from(payload).toString('base64url')}`
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', idp.rsa.privateKey, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

/** Signs exactly this header, too. */
export async function signedText({ idp }: Victim, header: string, payload: string): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', idp.rsa.privateKey, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

/** As {@link signedPayload}, with claims that are sound but for these. */
export const signedClaims = (victim: Victim, claims: Members, header: Members = {}): Promise<string> =>
  signedPayload(victim, JSON.stringify({ ...sound(), ...claims }), header)
