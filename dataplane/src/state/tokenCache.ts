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
  readonly token: VerifiedToken
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** @param now - milliseconds since the epoch */
export function createTokenCache(now: () => number, limits: TokenCacheLimits = defaultLimits): TokenCache {
  // In the order in which they were verified: the first is the oldest, and with one age for all the next to go.
  const entries = new Map<string, Entry>()
  return {
    get(provider, digest, time) {
      const key = provider + digest
      const entry = entries.get(key)
      if (entry === undefined) return null
      if (time < entry.until) return entry.token
      entries.delete(key)
      return null
    },
    set(provider, digest, token) {
      const key = provider + digest
      entries.delete(key)
      entries.set(key, { token, until: Math.min(token.expiresAt, now() + limits.age) })
      if (entries.size <= limits.entries) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        break
      }
    },
  }
}
