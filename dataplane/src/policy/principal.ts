/** A verified caller (M5). */
export interface Principal {
  /** JSON array of provider object, issuer and subject: the only key for counters, caches and records. */
  readonly id: string
  /** Name of the provider, as policies write it. */
  readonly provider: string
  /** `namespace/policy/provider`. */
  readonly providerObject: string
  /** Level of the policy that defines the provider. */
  readonly level: number
  readonly issuer: string
  readonly subject: string
  /** Already cut down to what `asserts` allows. */
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly groups: readonly string[]
  readonly tenant: string | null
  readonly plan: string | null
  /** How far the authentication is to be trusted: the higher the better (RFC 9470). */
  readonly trustLevel: number | null
  /** The verified claims of a JWT; empty for other methods. Own properties only. */
  readonly claims: Readonly<Record<string, unknown>>
  /** What is known of the token beside its claims; null for other methods. */
  readonly token: TokenFacts | null
  /** Client id of an API key; null for other methods. */
  readonly clientId: string | null
  /** Milliseconds since the epoch at which the credential stops being valid; null = never. */
  readonly expiresAt: number | null
}

export interface TokenFacts {
  /** `kid` of the key that verified it; null = it has none. */
  readonly keyId: string | null
  /** The `jti` of a token that counts once, and among whom; null = it counts until it expires. */
  readonly singleUse: { readonly id: string; readonly scope: 'Replica' | 'Shared' } | null
}
