import { createFailures, type Failures } from './failures.ts'
import { createIntrospectors, type Introspectors } from './introspectors.ts'
import { createKeySets, type KeySets, type KeySetsOptions } from './keySets.ts'
import { createMeters, type Meters } from './meters.ts'
import type { StoreFault } from './store/fault.ts'
import { createStores, type Stores } from './store/stores.ts'
import { createReplays, type Replays } from './replays.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { createSlots, type Slots } from './slots.ts'
import { createTokenCache, type TokenCache } from './tokenCache.ts'
import { createUsageLimit, type UsageLimit } from './usageLimit.ts'
import { createWorkBudget, type WorkBudget } from './workBudget.ts'

/** What admission remembers between requests and between snapshots (M16). */
export interface GatewayState {
  readonly meters: Meters
  /** How often callers may ask what they have left. */
  readonly usageLimit: UsageLimit
  /** With whom limits are shared. */
  readonly fleet: Fleet
  /** What running requests have taken. */
  readonly slots: Slots
  readonly failures: Failures
  readonly tokens: TokenCache
  readonly keySets: KeySets
  /** Credentials that count once, and were used. */
  readonly replays: Replays
  readonly introspectors: Introspectors
  /** Where all data planes of the installation count together. */
  readonly stores: Stores
  /** What the second evaluation of Shadow may use, which shares nothing that it could wear out (M9). */
  readonly shadow: { readonly tokens: TokenCache; readonly work: WorkBudget }
  /** Ends what goes on by itself. */
  close(): void
}

const shadowTokens = { entries: 2000, age: 300_000 }

export interface GatewayStateOptions extends KeySetsOptions {
  /** Told when the store comes up (null), or why it goes down. */
  readonly storeChanged?: (fault: StoreFault | null) => void
}

export function createGatewayState({ clock, random, fetch, storeChanged }: GatewayStateOptions): GatewayState {
  const meters = createMeters(clock)
  const stores = createStores({ clock, random }, storeChanged ?? (() => {}))
  const keySets = createKeySets({ clock, random, ...(fetch && { fetch }) })
  const introspectors = createIntrospectors(clock)
  return {
    meters,
    usageLimit: createUsageLimit(meters, clock),
    fleet: createFleet(),
    slots: createSlots(),
    failures: createFailures(),
    tokens: createTokenCache(() => clock.now()),
    keySets,
    replays: createReplays(),
    introspectors,
    stores,
    shadow: {
      tokens: createTokenCache(() => clock.now(), shadowTokens),
      work: createWorkBudget(() => clock.monotonic()),
    },
    close: () => {
      keySets.close()
      introspectors.close()
      stores.close()
    },
  }
}
