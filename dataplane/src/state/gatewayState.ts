import type { Clock } from '../clock.ts'
import { createBuckets, type Buckets } from './buckets.ts'
import { createIntrospectors, type Introspectors } from './introspectors.ts'
import { createKeySets, type KeySets } from './keySets.ts'
import { createTokenCache, type TokenCache } from './tokenCache.ts'
import { createWorkBudget, type WorkBudget } from './workBudget.ts'

/** What admission remembers between requests and between snapshots (M16). */
export interface GatewayState {
  readonly buckets: Buckets
  readonly tokens: TokenCache
  readonly keySets: KeySets
  readonly introspectors: Introspectors
  /** What the second evaluation of Shadow may use, which shares nothing that it could wear out (M9). */
  readonly shadow: { readonly tokens: TokenCache; readonly work: WorkBudget }
  /** Ends what goes on by itself. */
  close(): void
}

const shadowTokens = { entries: 2000, age: 300_000 }

/** @param random - from 0 up to, but not including, 1 */
export function createGatewayState({ clock, random }: { clock: Clock; random: () => number }): GatewayState {
  const keySets = createKeySets({ clock, random })
  const introspectors = createIntrospectors(clock)
  return {
    buckets: createBuckets(() => clock.monotonic()),
    tokens: createTokenCache(() => clock.now()),
    keySets,
    introspectors,
    shadow: {
      tokens: createTokenCache(() => clock.now(), shadowTokens),
      work: createWorkBudget(() => clock.monotonic()),
    },
    close: () => {
      keySets.close()
      introspectors.close()
    },
  }
}
