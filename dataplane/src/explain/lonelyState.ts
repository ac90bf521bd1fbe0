import type { Clock } from '../clock.ts'
import type { Introspector } from '../state/introspector.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'
import { createGatewayState, type GatewayState } from '../state/gatewayState.ts'

/** Knows no token and asks about none. */
const mute: Introspector = {
  recall: () => null,
  ask: () => Promise.resolve({ type: 'unavailable', retryAfter: 1 }),
}

/** Knows no mark. */
const lonelyStore: SharedStore = {
  mark: () => Promise.resolve('first'),
  state: () => 'up',
  close: () => {},
}

/**
 * State of a gateway that explains: it fetches nothing, counts each request as if it were the first, and has all the time
 * that it needs.
 */
export function lonelyState(clock: Clock): GatewayState {
  const fetch = () => Promise.reject(new Error('nothing is fetched'))
  const state = createGatewayState({ clock, random: () => 0, fetch })
  const table = { bucket: (_key: string, at: number) => ({ used: 0, at }), size: () => 0 }
  return {
    ...state,
    buckets: {
      acquire: (_identity, refill) => ({ value: { ...table, refill }, retain: () => {}, release: () => {} }),
    },
    stores: { ...state.stores, acquire: () => ({ value: lonelyStore, retain: () => {}, release: () => {} }) },
    introspectors: { ...state.introspectors, acquire: () => ({ value: mute, retain: () => {}, release: () => {} }) },
    shadow: { ...state.shadow, work: { allows: () => true, spend: () => {} } },
  }
}
