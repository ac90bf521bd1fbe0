import type { ClientCertificate, RequestFacts } from '../gateway/facts.ts'
import type { ApiKeyProvider } from './apiKey.ts'
import { presented, type Presented } from './credential.ts'
import { hasTokenForm, type IntrospectionProvider } from './introspection.ts'
import { decodeJws, hasJwsForm, type UnverifiedJws } from './jws.ts'
import { remembered } from './jwt.ts'
import type { JwtProvider } from './jwtProvider.ts'
import { textAt, type Location, type Slot } from './location.ts'
import { claimedName, type MtlsProvider } from './mtls.ts'
import { maySendCookie, type Sent } from './sameSite.ts'
import type { Verdict } from './verdict.ts'

/** The providers in force for a rule, by where their credentials are (M3). */
export interface Claimants {
  readonly locations: readonly Location[]
  readonly mtls: readonly MtlsProvider[]
}

/** A credential in a text and the one provider that judges it. */
type TextClaim =
  | { readonly type: 'Remembered'; readonly provider: JwtProvider; readonly verdict: Verdict }
  | { readonly type: 'Jwt'; readonly provider: JwtProvider; readonly token: Presented; readonly jws: UnverifiedJws }
  | { readonly type: 'ApiKey'; readonly provider: ApiKeyProvider; readonly key: Presented }
  | { readonly type: 'Introspection'; readonly provider: IntrospectionProvider; readonly token: Presented }

/** A credential and the one provider that judges it. */
export type Claim =
  | TextClaim
  | {
      readonly type: 'Mtls'
      readonly provider: MtlsProvider
      readonly subject: string
      /** Milliseconds since the epoch. */
      readonly notAfter: number
    }

/** A credential in a cookie that a page of another site may have made a browser send. */
export interface CrossSite {
  readonly type: 'CrossSite'
  readonly provider: TextClaim['provider']
}

/** What was presented: nothing, one claimed credential, one that nobody claims, or more than one. */
export type Claiming = Claim | CrossSite | 'none' | 'unclaimed' | 'ambiguous'

/** What claiming looks at. */
export type Credentials = Sent & Pick<RequestFacts, 'query'>

/**
 * Finds the one provider that judges a request (M3): by location, then by form, then by the exact unverified `iss`; what
 * no jwt provider claims is for introspection. A client certificate counts only if there is nothing else. More than one
 * claimed credential is ambiguous, also where one provider claims both; otherwise one that nobody claims spoils the request.
 *
 * @param now - milliseconds since the epoch
 */
export function claim({ locations, mtls }: Claimants, request: Credentials, now: number): Claiming {
  let found: TextClaim | null = null
  let where: Location | null = null
  let unclaimed = false
  for (const location of locations) {
    const text = textAt(location, request)
    if (text === null) continue
    const claiming = typeof text === 'string' ? text : claimValue(location, text.text, now)
    if (claiming === 'ambiguous' || (typeof claiming === 'object' && found !== null)) return 'ambiguous'
    if (typeof claiming === 'object') [found, where] = [claiming, location]
    else unclaimed = true
  }
  if (unclaimed) return 'unclaimed'
  if (found !== null && where !== null) return isCrossSite(where, found, request) ? crossSite(found) : found
  const { clientCertificate } = request.connection
  return clientCertificate === null ? 'none' : claimCertificate(mtls, clientCertificate)
}

/** Name of the provider that judges a request; null = none does. @param now - milliseconds since the epoch */
export function claimantOf(claimants: Claimants, request: Credentials, now: number): string | null {
  const claiming = claim(claimants, request, now)
  return typeof claiming === 'string' ? null : claiming.provider.name
}

const crossSite = ({ provider }: TextClaim): CrossSite => ({ type: 'CrossSite', provider })

const isCrossSite = (location: Location, { provider }: TextClaim, request: Credentials): boolean =>
  location.type === 'Cookie' && !maySendCookie(request, location.allowedOrigins.get(provider) ?? [])

function claimValue({ slots }: Location, value: string, now: number): TextClaim | 'unclaimed' | 'ambiguous' {
  let found: TextClaim | null = null
  for (const slot of slots) {
    if (!hasPrefix(value, slot.prefix)) continue
    const claiming = claimText(slot, value.slice(slot.prefix.length), now)
    if (claiming === 'ambiguous' || (typeof claiming === 'object' && found !== null)) return 'ambiguous'
    if (typeof claiming === 'object') found = claiming
  }
  return found ?? 'unclaimed'
}

/** RFC 9110 11.1: the scheme is compared without case. */
const hasPrefix = (value: string, prefix: string): boolean =>
  value.startsWith(prefix) || value.slice(0, prefix.length).toLowerCase() === prefix

function claimText(slot: Slot, text: string, now: number): TextClaim | 'unclaimed' | 'ambiguous' {
  const credential = presented(text)
  for (const provider of slot.jwt) {
    const verdict = remembered(provider, credential, now)
    if (verdict !== null) return { type: 'Remembered', provider, verdict }
  }
  if (slot.jwt.length === 0 || !hasJwsForm(text)) return claimOpaque(slot.apiKey, slot.introspection, credential)
  // Whether or not a server was asked about it before: what a jwt provider claims is nobody else's.
  const claiming = claimToken(slot.jwt, credential)
  return claiming === 'unclaimed' ? claimOpaque([], slot.introspection, credential) : claiming
}

function claimOpaque(
  apiKey: Slot['apiKey'],
  introspection: Slot['introspection'],
  credential: Presented,
): TextClaim | 'unclaimed' | 'ambiguous' {
  if (apiKey.length + introspection.length > 1) return 'ambiguous'
  if (apiKey[0] !== undefined) return { type: 'ApiKey', provider: apiKey[0], key: credential }
  const provider = introspection[0]
  if (provider === undefined || !hasTokenForm(credential.text)) return 'unclaimed'
  return { type: 'Introspection', provider, token: credential }
}

function claimToken(providers: readonly JwtProvider[], token: Presented): TextClaim | 'unclaimed' | 'ambiguous' {
  const jws = decodeJws(token.text)
  if (jws === null) return 'unclaimed'
  const claimants = providers.filter(({ method }) => method.issuer === jws.issuer)
  if (claimants.length > 1) return 'ambiguous'
  const provider = claimants[0]
  return provider === undefined ? 'unclaimed' : { type: 'Jwt', provider, token, jws }
}

/** A certificate that no provider claims is no credential. */
function claimCertificate(providers: readonly MtlsProvider[], certificate: ClientCertificate): Claiming {
  let found: Claim | null = null
  for (const provider of providers) {
    const subject = claimedName(provider, certificate)
    if (subject === null) continue
    if (found !== null) return 'ambiguous'
    found = { type: 'Mtls', provider, subject, notAfter: certificate.notAfter }
  }
  return found ?? 'none'
}
