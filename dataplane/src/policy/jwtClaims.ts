import { mappedAttributes, principalOfClaims } from './attributes.ts'
import { own, type Claims } from './claims.ts'
import type { JwtProvider } from './jwtProvider.ts'
import type { Principal, TokenFacts } from './principal.ts'

const maxSubject = 1024
/** The largest time that a Date can hold, in milliseconds. */
const endOfTime = 8.64e15

/**
 * Judges the claims of a token whose signature holds (RFC 7519 4.1, RFC 8725 3). Types are strict: a time that is no
 * number is not "no time". `exp`, `iss`, `aud` and `sub` must be there.
 *
 * @param now - milliseconds since the epoch
 * @param keyId - `kid` of the key that the signature holds with
 * @returns null when the token is not valid for this provider now
 */
export function principalOf(
  provider: JwtProvider,
  claims: Claims,
  now: number,
  keyId: string | null = null,
): Principal | null {
  const { issuer, map } = provider.method
  const subject = own(claims, 'sub')
  if (own(claims, 'iss') !== issuer || !namesAudience(provider.method.audiences, own(claims, 'aud'))) return null
  if (typeof subject !== 'string' || subject === '' || subject.length > maxSubject) return null
  const expiresAt = validUntil(provider.method, claims, now)
  const attributes = mappedAttributes(map, claims)
  const singleUse = useOf(provider.method, own(claims, 'jti'))
  if (expiresAt === null || attributes === null || singleUse === undefined) return null
  const token = { keyId, singleUse }
  return principalOfClaims(provider, { issuer, subject }, attributes, { claims, token, expiresAt })
}

type SingleUse = NonNullable<TokenFacts['singleUse']>

/** @returns by what the token is known when it counts once, null when it counts until it expires; undefined = it is not sound */
function useOf({ replay }: JwtProvider['method'], tokenId: unknown): SingleUse | null | undefined {
  if (tokenId === undefined) return replay === null ? null : undefined
  if (typeof tokenId !== 'string') return undefined
  if (replay === null) return null
  return tokenId === '' ? undefined : { id: tokenId, scope: replay.scope }
}

/** Whether an `aud` claim, one text or a list of texts alone, names one of these (RFC 7519 4.1.3). */
export function namesAudience(audiences: readonly string[], audience: unknown): boolean {
  if (typeof audience === 'string') return audiences.includes(audience)
  if (!Array.isArray(audience) || !audience.every((item) => typeof item === 'string')) return false
  return audience.some((item) => audiences.includes(item))
}

type Times = Pick<JwtProvider['method'], 'clockSkew' | 'maxTokenAge'>

/** @returns when the token stops being accepted, skew included; null when it is not accepted now */
function validUntil({ clockSkew, maxTokenAge }: Times, claims: Claims, now: number): number | null {
  const expiry = own(claims, 'exp')
  const notBefore = own(claims, 'nbf')
  const issuedAt = own(claims, 'iat')
  if (!isTime(expiry)) return null
  if (notBefore !== undefined && (!isTime(notBefore) || notBefore * 1000 > now + clockSkew)) return null
  if (issuedAt !== undefined && !isTime(issuedAt)) return null
  const oldest = maxTokenAge === null ? endOfTime : endOfAge(issuedAt, maxTokenAge, now + clockSkew)
  const until = Math.min(expiry * 1000 + clockSkew, oldest + clockSkew, endOfTime)
  return until > now ? until : null
}

/** When a token is too old; -Infinity when it does not say since when it is, or says a time to come. */
function endOfAge(issuedAt: number | undefined, maxTokenAge: number, latest: number): number {
  const issued = (issuedAt ?? Infinity) * 1000
  return issued > latest ? -Infinity : issued + maxTokenAge
}

/** A NumericDate (RFC 7519 2). */
export const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
