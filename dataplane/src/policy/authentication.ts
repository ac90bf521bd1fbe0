import type { RefusalCode } from '../gateway/refusal.ts'
import { verifyApiKey } from './apiKey.ts'
import { claim, type Claim, type Claimants, type Credentials } from './claiming.ts'
import { introspectedVerdict } from './introspection.ts'
import { verifyToken } from './jwt.ts'
import { certificatePrincipal } from './mtls.ts'
import type { Principal } from './principal.ts'
import type { TrustName } from './trustNames.ts'
import type { Verdict } from './verdict.ts'

/** The providers in force for a rule: those of one policy at one level. */
export interface Authenticator extends Claimants {
  /** `namespace/name` of the policy. */
  readonly policy: string
  readonly level: number
  /** Whether a request without a credential passes as an anonymous caller. */
  readonly anonymous: boolean
  /** Whether there is any other way than anonymous. */
  readonly asksForCredential: boolean
  /** Where credentials are; none of them goes on (M10). */
  readonly places: CredentialPlaces
  readonly challenges: Challenges
  /** What providers call their trust levels, by provider object. */
  readonly trustNames: ReadonlyMap<string, readonly TrustName[]>
}

/** Names of what holds credentials. */
export interface CredentialPlaces {
  /** Lower case. */
  readonly headers: readonly string[]
  readonly cookies: readonly string[]
  readonly parameters: readonly string[]
}

/** Values of WWW-Authenticate (RFC 6750 3). */
export interface Challenges {
  readonly missing: string
  readonly invalid: string
}

/** Why a caller is not known. */
export interface Failure {
  readonly code: RefusalCode
  /** Name of the provider that judged; null = none did. */
  readonly provider: string | null
  readonly challenge: string | null
  /** Seconds. */
  readonly retryAfter: number | null
  /** Whether somebody presented a credential that nobody issued. */
  readonly forged: boolean
}

/** A verified caller, null for an anonymous one, or why there is neither. */
export type Authentication = Principal | Failure | null

export const isFailure = (authentication: Authentication): authentication is Failure =>
  authentication !== null && 'code' in authentication

const failure = (code: RefusalCode, provider: string | null = null): Failure => ({
  code,
  provider,
  challenge: null,
  retryAfter: null,
  forged: false,
})

const ambiguous = failure('ambiguous-credential')

const unauthenticated = (challenge: string, provider: string | null): Failure => ({
  ...failure('unauthenticated', provider),
  challenge,
})

/**
 * Finds out who calls (M3). The verdict of the provider that claims the credential is final.
 *
 * @param now - milliseconds since the epoch
 * @returns a promise only when a signature has to be verified or a server to be asked
 */
export function authenticate(
  authenticator: Authenticator,
  request: Credentials,
  now: () => number,
): Authentication | Promise<Authentication> {
  const claiming = claim(authenticator, request, now())
  if (claiming === 'ambiguous') return ambiguous
  if (claiming === 'unclaimed') return unauthenticated(authenticator.challenges.invalid, null)
  if (claiming === 'none') return withoutCredential(authenticator)
  if (claiming.type === 'CrossSite') return failure('cross-site', claiming.provider.name)
  return judge(authenticator, claiming, now)
}

/** What becomes of a request that presents nothing. */
export const withoutCredential = ({ anonymous, challenges }: Authenticator): Failure | null =>
  anonymous ? null : unauthenticated(challenges.missing, null)

function judge(
  authenticator: Authenticator,
  claimed: Claim,
  now: () => number,
): Authentication | Promise<Authentication> {
  const { name } = claimed.provider
  switch (claimed.type) {
    case 'Remembered':
      return concluded(authenticator, claimed.verdict, name)
    case 'Mtls':
      if (claimed.provider.broken) return failure('config-invalid', name)
      return certificatePrincipal(claimed.provider, claimed.subject, claimed.notAfter)
    case 'ApiKey': {
      const { keys } = claimed.provider
      if (keys === null) return failure('config-invalid', name)
      return concluded(authenticator, verifyApiKey(keys, claimed.key, now()), name)
    }
    case 'Introspection': {
      const { provider, token } = claimed
      if (provider.introspector === null) return failure('config-invalid', name)
      const verdict = introspectedVerdict(provider, provider.introspector, token)
      if (!(verdict instanceof Promise)) return concluded(authenticator, verdict, name)
      return verdict.then((later) => concluded(authenticator, later, name, 'introspection-unavailable'))
    }
    case 'Jwt': {
      const { provider, token, jws } = claimed
      if (provider.keys === null) return failure('config-invalid', name)
      return verifyToken({ ...provider, keys: provider.keys }, token, jws, now).then((verdict) =>
        concluded(authenticator, verdict, name),
      )
    }
  }
}

function concluded(
  { challenges }: Authenticator,
  verdict: Verdict,
  provider: string,
  unavailable: RefusalCode = 'key-set-unavailable',
): Authentication {
  if (verdict.type === 'valid') return verdict.principal
  if (verdict.type === 'invalid') return { ...unauthenticated(challenges.invalid, provider), forged: verdict.forged }
  return { ...failure(unavailable, provider), retryAfter: verdict.retryAfter }
}
