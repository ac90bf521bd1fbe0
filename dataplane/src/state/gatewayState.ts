import type { Clock } from '../clock.ts'
import { createBuckets, type Buckets } from './buckets.ts'
import { createIntrospectors, type Introspectors } from './introspectors.ts'
import { createKeySets, type KeySets } from './keySets.ts'
import { createTokenCache, type TokenCache } from './tokenCache.ts'

/** What admission remembers between requests and between snapshots (M16). */
export interface GatewayState {
  readonly buckets: Buckets
  readonly tokens: TokenCache
  readonly keySets: KeySets
  readonly introspectors: Introspectors
  /** Ends what goes on by itself. */
  close(): void
}

/** @param random - from 0 up to, but not including, 1 */
export function createGatewayState({ clock, random }: { clock: Clock; random: () => number }): GatewayState {
  const keySets = createKeySets({ clock, random })
  const introspectors = createIntrospectors(clock)
  return {
    buckets: createBuckets(() => clock.monotonic()),
    tokens: createTokenCache(() => clock.now()),
    keySets,
    introspectors,
    close: () => {
      keySets.close()
      introspectors.close()
    },
  }
}
