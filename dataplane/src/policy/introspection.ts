import type { Provider } from '@gatehouse/contract'
import type { Introspector, Judged } from '../state/introspector.ts'
import { mappedAttributes, principalOfClaims } from './attributes.ts'
import { own, type Claims } from './claims.ts'
import type { Presented } from './credential.ts'
import { isTime, namesAudience } from './jwtClaims.ts'
import { invalid, type Verdict } from './verdict.ts'

/** A provider that asks a server about tokens, made ready. */
export interface IntrospectionProvider {
  readonly type: 'Introspection'
  readonly name: string
  /** `namespace/policy/provider`. */
  readonly object: string
  readonly level: number
  readonly asserts: Provider['asserts']
  readonly method: Extract<Provider['method'], { type: 'Introspection' }>
  /** null when the provider is broken: what it claims is refused (M7). */
  readonly introspector: Introspector | null
}

/** Visible ASCII, as every access token is (RFC 6749 A.12) but for the space; longer ones are none. */
const tokenForm = /^[!-~]{1,16384}$/

/** Whether a text can be a token that a server may be asked about. */
export const hasTokenForm = (text: string): boolean => tokenForm.test(text)

/** @returns a promise only when the server has to be asked */
export function introspectedVerdict(
  provider: IntrospectionProvider,
  introspector: Introspector,
  token: Presented,
): Verdict | Promise<Verdict> {
  return (
    introspector.recall(token.digest) ?? introspector.ask(token, (answer, now) => judgedAnswer(provider, answer, now))
  )
}

const maxSubject = 1024
/** The largest time that a Date can hold, in milliseconds. */
const endOfTime = 8.64e15

/**
 * Judges an answer (RFC 7662 2.2). Only `active: true` in so many words is an active token, and a member of another type
 * than the RFC gives it makes the whole answer worthless. Beyond that the token must be for one of the audiences, of
 * the issuer, within its times, for a named subject, and a bearer token: one that is bound to a key proves nothing to a
 * gateway that does not check the key (RFC 8705 3, RFC 9449 7.1).
 *
 * @param now - milliseconds since the epoch
 */
export function judgedAnswer(provider: IntrospectionProvider, answer: Claims, now: number): Judged {
  const active = own(answer, 'active')
  if (active === false) return 'inactive'
  if (active !== true || !hasSoundTypes(answer)) return 'malformed'
  const { issuer, audiences, map } = provider.method
  const subject = own(answer, 'sub')
  if (typeof subject !== 'string' || subject === '' || subject.length > maxSubject) return invalid
  if ((own(answer, 'iss') ?? issuer) !== issuer || !namesAudience(audiences, own(answer, 'aud'))) return invalid
  if (!isBearer(answer) || !isCurrent(answer, now)) return invalid
  const attributes = mappedAttributes(map, answer)
  if (attributes === null) return invalid
  const expiry = own(answer, 'exp')
  const expiresAt = isTime(expiry) ? Math.min(expiry * 1000, endOfTime) : null
  const principal = principalOfClaims(provider, { issuer, subject }, attributes, {
    claims: answer,
    token: null,
    expiresAt,
  })
  return { type: 'valid', principal }
}

const texts = ['sub', 'iss', 'token_type'] as const
const times = ['exp', 'nbf', 'iat'] as const

function hasSoundTypes(answer: Claims): boolean {
  const audience = own(answer, 'aud')
  return (
    texts.every((name) => isAbsentOr(own(answer, name), (value) => typeof value === 'string')) &&
    times.every((name) => isAbsentOr(own(answer, name), isTime)) &&
    isAbsentOr(audience, (value) => [value].flat().every((item) => typeof item === 'string'))
  )
}

const isAbsentOr = (value: unknown, fits: (value: unknown) => boolean): boolean => value === undefined || fits(value)

function isBearer(answer: Claims): boolean {
  const type = own(answer, 'token_type')
  return own(answer, 'cnf') === undefined && (typeof type !== 'string' || type.toLowerCase() === 'bearer')
}

function isCurrent(answer: Claims, now: number): boolean {
  const expiry = own(answer, 'exp')
  const notBefore = own(answer, 'nbf')
  return !(isTime(expiry) && expiry * 1000 <= now) && !(isTime(notBefore) && notBefore * 1000 > now)
}
