import type { ClientCertificate } from '../gateway/facts.ts'
import type { ApiKeyProvider } from './apiKey.ts'
import { presented, type Presented } from './credential.ts'
import { hasTokenForm, type IntrospectionProvider } from './introspection.ts'
import { decodeJws, hasJwsForm, type UnverifiedJws } from './jws.ts'
import { remembered } from './jwt.ts'
import type { JwtProvider } from './jwtProvider.ts'
import { claimedName, type MtlsProvider } from './mtls.ts'
import type { Verdict } from './verdict.ts'

/** What one header may hold behind one prefix. */
interface Slot {
  /** Lower case. */
  readonly prefix: string
  readonly jwt: readonly JwtProvider[]
  readonly apiKey: readonly ApiKeyProvider[]
  readonly introspection: readonly IntrospectionProvider[]
}

/** A header in which credentials are looked for. */
export interface Location {
  /** Lower case. */
  readonly header: string
  readonly slots: readonly Slot[]
}

/** The providers in force for a rule, by where their credentials are (M3). */
export interface Claimants {
  readonly locations: readonly Location[]
  readonly mtls: readonly MtlsProvider[]
}

/** A credential and the one provider that judges it. */
export type Claim =
  | { readonly type: 'Remembered'; readonly provider: JwtProvider; readonly verdict: Verdict }
  | { readonly type: 'Jwt'; readonly provider: JwtProvider; readonly token: Presented; readonly jws: UnverifiedJws }
  | { readonly type: 'ApiKey'; readonly provider: ApiKeyProvider; readonly key: Presented }
  | { readonly type: 'Introspection'; readonly provider: IntrospectionProvider; readonly token: Presented }
  | { readonly type: 'Mtls'; readonly provider: MtlsProvider; readonly subject: string }

/** What was presented: nothing, one claimed credential, one that nobody claims, or more than one. */
export type Claiming = Claim | 'none' | 'unclaimed' | 'ambiguous'

type Method = JwtProvider | ApiKeyProvider | IntrospectionProvider

/** A provider and where its credentials are. */
export interface Placed {
  readonly provider: Method
  readonly from: readonly { readonly header: string; readonly prefix: string }[]
}

/** Sorts providers by header and prefix. */
export function locationsOf(placed: readonly Placed[]): Location[] {
  const headers = new Map<string, Map<string, Method[]>>()
  for (const { provider, from } of placed) {
    for (const { header, prefix } of from) {
      const slots = headers.get(header) ?? new Map<string, Method[]>()
      headers.set(header, slots)
      const lower = prefix.toLowerCase()
      slots.set(lower, [...(slots.get(lower) ?? []), provider])
    }
  }
  return [...headers].map(([header, slots]) => ({ header, slots: [...slots].map(slotOf) }))
}

const slotOf = ([prefix, providers]: readonly [string, readonly Method[]]): Slot => ({
  prefix,
  jwt: providers.filter((provider) => provider.type === 'Jwt'),
  apiKey: providers.filter((provider) => provider.type === 'ApiKey'),
  introspection: providers.filter((provider) => provider.type === 'Introspection'),
})

/** What claiming looks at. */
export interface Credentials {
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly certificate: ClientCertificate | null
}

/**
 * Finds the one provider that judges a request (M3): by location, then by form, then by the exact unverified `iss`; what
 * no jwt provider claims is for introspection. A client certificate counts only if there is nothing else. More than one claimed credential is ambiguous, also where one
 * provider claims both; otherwise one that nobody claims spoils the request.
 *
 * @param now - milliseconds since the epoch
 */
export function claim({ locations, mtls }: Claimants, credentials: Credentials, now: number): Claiming {
  let found: Claim | null = null
  let unclaimed = false
  for (const location of locations) {
    const values = credentials.headers.get(location.header)
    if (values === undefined) continue
    const claiming = values.length > 1 ? 'ambiguous' : claimValue(location, values[0]!, now)
    if (claiming === 'ambiguous' || (typeof claiming === 'object' && found !== null)) return 'ambiguous'
    if (typeof claiming === 'object') found = claiming
    else unclaimed = true
  }
  if (unclaimed) return 'unclaimed'
  return found ?? (credentials.certificate === null ? 'none' : claimCertificate(mtls, credentials.certificate))
}

function claimValue({ slots }: Location, value: string, now: number): Claim | 'unclaimed' | 'ambiguous' {
  let found: Claim | null = null
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

function claimText(slot: Slot, text: string, now: number): Claim | 'unclaimed' | 'ambiguous' {
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
): Claim | 'unclaimed' | 'ambiguous' {
  if (apiKey.length + introspection.length > 1) return 'ambiguous'
  if (apiKey[0] !== undefined) return { type: 'ApiKey', provider: apiKey[0], key: credential }
  const provider = introspection[0]
  if (provider === undefined || !hasTokenForm(credential.text)) return 'unclaimed'
  return { type: 'Introspection', provider, token: credential }
}

function claimToken(providers: readonly JwtProvider[], token: Presented): Claim | 'unclaimed' | 'ambiguous' {
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
    found = { type: 'Mtls', provider, subject }
  }
  return found ?? 'none'
}
