import type { StoreFault } from '@gatehouse/contract'
import { createAnomalies, type Anomalies } from './anomaly/anomalies.ts'
import { createEventSinks, type EventSinks } from './anomaly/eventSinks.ts'
import type { SpikeEvent } from './anomaly/spikeEvent.ts'
import { createFailures, type Failures } from './failures.ts'
import { createIntrospectors, type Introspectors } from './introspectors.ts'
import { createKeySets, type KeySets, type KeySetsOptions } from './keySets.ts'
import { createMeters, type Meters } from './meters.ts'
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
  /** What is usual, and who is told of what is not. */
  readonly anomalies: Anomalies
  readonly eventSinks: EventSinks
  readonly tokens: TokenCache
  readonly keySets: KeySets
  /** Credentials that count once, and were used. */
  readonly replays: Replays
  readonly introspectors: Introspectors
  /** Where all data planes of the installation count together. */
  readonly stores: Stores
  /** What the second evaluation of Shadow may use, which shares nothing that it could wear out (M9). */
  readonly shadow: { readonly tokens: TokenCache; readonly work: WorkBudget; readonly slots: Slots }
  /** Ends what goes on by itself. */
  close(): void
}

const shadowTokens = { entries: 2000, age: 300_000 }

export interface GatewayStateOptions extends KeySetsOptions {
  /** Told when the store comes up (null), or why it goes down. */
  readonly storeChanged?: (fault: StoreFault | null) => void
  /** Told of each spike that begins or ends. */
  readonly spiked?: (event: SpikeEvent) => void
}

export function createGatewayState(options: GatewayStateOptions): GatewayState {
  const { clock, random, fetch, storeChanged, spiked } = options
  const meters = createMeters(clock)
  const fleet = createFleet()
  const stores = createStores({ clock, random, dataPlanes: () => fleet.dataPlanes }, storeChanged ?? (() => {}))
  const keySets = createKeySets({ clock, random, ...(fetch && { fetch }) })
  const introspectors = createIntrospectors(clock)
  const anomalies = createAnomalies({ clock, observe: spiked ?? (() => {}) })
  const eventSinks = createEventSinks(random)
  return {
    meters,
    usageLimit: createUsageLimit(meters, clock),
    fleet,
    slots: createSlots(),
    failures: createFailures(),
    anomalies,
    eventSinks,
    tokens: createTokenCache(() => clock.now()),
    keySets,
    replays: createReplays(),
    introspectors,
    stores,
    shadow: {
      tokens: createTokenCache(() => clock.now(), shadowTokens),
      work: createWorkBudget(() => clock.monotonic()),
      slots: createSlots(),
    },
    close: () => {
      keySets.close()
      introspectors.close()
      anomalies.close()
      eventSinks.close()
      stores.close()
    },
  }
}
