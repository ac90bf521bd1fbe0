import type { RefusalCode } from '../gateway/refusal.ts'
import type { RequestFacts } from '../gateway/facts.ts'
import type { ApiKeyProvider } from '../policy/apiKey.ts'
import type { Authenticator, Failure } from '../policy/authentication.ts'
import { claim } from '../policy/claiming.ts'
import type { Claims } from '../policy/claims.ts'
import { judgedAnswer, type IntrospectionProvider } from '../policy/introspection.ts'
import { principalOf } from '../policy/jwtClaims.ts'
import type { JwtProvider } from '../policy/jwtProvider.ts'
import type { Principal } from '../policy/principal.ts'

/** Who calls, as far as it is said and not shown: it stands for a credential whose signature or hash was found good. */
export type StandIn =
  | {
      readonly type: 'Token'
      /** They are judged as ever. */
      readonly claims: Claims
      /** Whether an audience that is not said is one that the provider takes. */
      readonly anyAudience: boolean
    }
  | { readonly type: 'ApiKey'; readonly clientId: string }

const failure = (code: RefusalCode, provider: string | null, challenge: string | null = null): Failure => ({
  code,
  provider,
  challenge,
  retryAfter: null,
  forged: false,
})

/**
 * What authentication comes to with a stand-in for a credential (M3). Beside a real one it is ambiguous.
 *
 * @param now - milliseconds since the epoch
 * @returns null when no provider in force looks for such a credential: then it is none
 */
export function standInCaller(
  authenticator: Authenticator,
  facts: RequestFacts,
  standIn: StandIn,
  now: number,
): Principal | Failure | null {
  const slots = authenticator.locations.flatMap((location) => location.slots)
  const tokens = [...new Set(slots.flatMap(({ jwt, introspection }) => [...jwt, ...introspection]))]
  const keys = [...new Set(slots.flatMap(({ apiKey }) => apiKey))]
  if ((standIn.type === 'Token' ? tokens : keys).length === 0) return null
  // Beside another credential no certificate counts, whoever could claim it.
  if (claim({ ...authenticator, mtls: [] }, facts, now) !== 'none') return failure('ambiguous-credential', null)
  const unauthenticated = (provider: string | null) =>
    failure('unauthenticated', provider, authenticator.challenges.invalid)
  return standIn.type === 'Token'
    ? byToken(tokens, standIn, { now, unauthenticated })
    : byKey(keys, standIn.clientId, { now, unauthenticated })
}

interface Judging {
  readonly now: number
  unauthenticated(provider: string | null): Failure
}

type TokenProvider = JwtProvider | IntrospectionProvider
type Token = Extract<StandIn, { type: 'Token' }>

/**
 * A provider that verifies comes before one that asks a server, which claims what nobody else does: among several of
 * them the one whose issuer it is.
 */
function claimantsOf(providers: readonly TokenProvider[], issuer: unknown): readonly TokenProvider[] {
  const all = providers.filter(({ method }) => method.issuer === issuer)
  const verifying = all.filter(({ type }) => type === 'Jwt')
  if (verifying.length > 0) return verifying
  return all.length > 0 ? all : providers.filter(({ type }) => type === 'Introspection')
}

function byToken(
  providers: readonly TokenProvider[],
  token: Token,
  { now, unauthenticated }: Judging,
): Principal | Failure {
  const claimants = claimantsOf(providers, token.claims['iss'])
  const [provider, another] = claimants
  if (another !== undefined) return failure('ambiguous-credential', null)
  if (provider === undefined) return unauthenticated(null)
  const claims = token.anyAudience ? { aud: provider.method.audiences[0], ...token.claims } : token.claims
  if (provider.type === 'Jwt') {
    if (provider.keys === null) return failure('config-invalid', provider.name)
    return principalOf(provider, claims, now) ?? unauthenticated(provider.name)
  }
  if (provider.introspector === null) return failure('config-invalid', provider.name)
  const judged = judgedAnswer(provider, { ...claims, active: true }, now)
  return typeof judged === 'object' && judged.type === 'valid' ? judged.principal : unauthenticated(provider.name)
}

function byKey(
  providers: readonly ApiKeyProvider[],
  clientId: string,
  { now, unauthenticated }: Judging,
): Principal | Failure {
  const broken = providers.find(({ keys }) => keys === null)
  const known = providers.flatMap(({ name, keys }) =>
    [...(keys?.values() ?? [])]
      .filter(({ principal }) => principal.clientId === clientId)
      .map((key) => ({ name, ...key })),
  )
  const [first] = known
  if (first === undefined) return broken === undefined ? unauthenticated(null) : failure('config-invalid', broken.name)
  if (known.some(({ name }) => name !== first.name)) return failure('ambiguous-credential', null)
  const valid = known.find(({ notBefore, expiresAt }) => {
    return (notBefore === null || now >= notBefore) && (expiresAt === null || now < expiresAt)
  })
  return valid?.principal ?? unauthenticated(first.name)
}
