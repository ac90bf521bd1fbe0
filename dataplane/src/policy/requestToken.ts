import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto'
import type { ResourceSpec } from '@gatehouse/contract'
import type { Principal } from './principal.ts'

/** What a token says of one request (M15). */
export interface SignedRequest {
  /** The backend's namespace, a slash and a name. */
  readonly audience: string
  /** `namespace/name`. */
  readonly route: string
  readonly principal: Principal | null
  readonly method: string
  /** Path and query as the backend gets them. */
  readonly target: string
}

/** Signs requests to backends. */
export interface TokenSigner {
  /**
   * @param now - milliseconds since the epoch
   * @param id - never given twice
   * @returns a JWT (EdDSA); null when what it would say of the caller is too long for a header
   */
  token(request: SignedRequest, now: number, id: string): string | null
}

/** Seconds for which a token is good. */
const lifetime = 60
const maxLength = 8192

interface SigningKey {
  readonly from: number
  /** base64url, with the dot behind it. */
  readonly header: string
  readonly key: KeyObject
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** @throws when a key is none */
export function tokenSigner({ issuer, keys }: ResourceSpec<'tokenKeys'>): TokenSigner {
  const newestFirst = keys
    .map(({ kid, from, privateKey }): SigningKey => {
      const header = `${encode({ alg: 'EdDSA', typ: 'gatehouse+jwt', kid })}.`
      return { from, header, key: createPrivateKey(privateKey) }
    })
    .toSorted((a, b) => b.from - a.from)
  return {
    token(request, now, id) {
      // Where the clock is behind, the oldest is most likely known to the backend.
      const { header, key } = newestFirst.find(({ from }) => from <= now) ?? newestFirst.at(-1)!
      const input = header + encode(claimsOf(request, { issuer, id, now: Math.floor(now / 1000) }))
      const token = `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
      return token.length > maxLength ? null : token
    },
  }
}

function claimsOf(
  { audience, route, principal, method, target }: SignedRequest,
  { issuer, id, now }: { readonly issuer: string; readonly id: string; readonly now: number },
) {
  return {
    iss: issuer,
    aud: audience,
    iat: now,
    exp: now + lifetime,
    jti: id,
    route,
    method,
    target: createHash('sha256').update(target, 'latin1').digest('base64url'),
    ...(principal !== null && callerOf(principal)),
  }
}

/** `sub` is the id of the principal (M5): two issuers may know the same subject. What it lacks is left out. */
function callerOf({ id, providerObject, issuer, subject, roles, scopes, groups, tenant, plan }: Principal) {
  return {
    sub: id,
    provider: providerObject,
    ...(issuer !== '' && { issuer }),
    subject,
    ...(roles.length > 0 && { roles }),
    ...(scopes.length > 0 && { scopes }),
    ...(groups.length > 0 && { groups }),
    ...(tenant !== null && { tenant }),
    ...(plan !== null && { plan }),
  }
}
