import type { Verdict } from '../policy/verdict.ts'

/** A token that was verified. */
export interface VerifiedToken {
  readonly verdict: Verdict
  /** The key that its signature was verified with; gone from the set, the entry counts no more. */
  readonly keyId: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Verified tokens by (provider hash, SHA-256 of the token). Refused tokens are never remembered. The caller checks on
 * every hit that the key is still in the set (M16).
 */
export interface TokenCache {
  /** @param now - milliseconds since the epoch */
  get(provider: string, digest: string, now: number): VerifiedToken | null
  set(provider: string, digest: string, token: VerifiedToken): void
}

export interface TokenCacheLimits {
  readonly entries: number
  /** Milliseconds that a token is remembered at most. */
  readonly age: number
}

const defaultLimits: TokenCacheLimits = { entries: 20_000, age: 300_000 }

interface Entry {
  readonly provider: string
  readonly digest: string
  readonly token: VerifiedToken
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** @param now - milliseconds since the epoch */
export function createTokenCache(now: () => number, limits: TokenCacheLimits = defaultLimits): TokenCache {
  // In two steps, because a key put together from both parts would have to be hashed anew with each request.
  const providers = new Map<string, Map<string, Entry>>()
  // In the order in which they were verified: the first is the oldest, and with one age for all the next to go.
  const entries = new Set<Entry>()
  const forget = (entry: Entry): void => {
    const { provider, digest } = entry
    entries.delete(entry)
    const tokens = providers.get(provider)
    tokens?.delete(digest)
    if (tokens?.size === 0) providers.delete(provider)
  }
  return {
    get(provider, digest, time) {
      const entry = providers.get(provider)?.get(digest)
      if (entry === undefined) return null
      if (time < entry.until) return entry.token
      forget(entry)
      return null
    },
    set(provider, digest, token) {
      const before = providers.get(provider)?.get(digest)
      if (before !== undefined) forget(before)
      const entry = { provider, digest, token, until: Math.min(token.expiresAt, now() + limits.age) }
      const tokens = providers.get(provider) ?? new Map<string, Entry>()
      providers.set(provider, tokens.set(digest, entry))
      entries.add(entry)
      if (entries.size <= limits.entries) return
      for (const oldest of entries) {
        forget(oldest)
        break
      }
    },
  }
}
