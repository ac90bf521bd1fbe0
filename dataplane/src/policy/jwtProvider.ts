import type { Provider } from '@gatehouse/contract'
import type { KeySource } from '../state/keySource.ts'
import type { TokenCache } from '../state/tokenCache.ts'

/** A provider that verifies JWTs, made ready. */
export interface JwtProvider {
  readonly type: 'Jwt'
  readonly name: string
  /** `namespace/policy/provider`. */
  readonly object: string
  readonly level: number
  /** Of everything that decides about a token but the keys: the first part of the cache's key (M16). */
  readonly hash: string
  readonly asserts: Provider['asserts']
  readonly method: Extract<Provider['method'], { type: 'Jwt' }>
  /** null when the provider is broken: what it claims is refused (M7). */
  readonly keys: KeySource | null
  readonly cache: TokenCache
}
