import type { Clock } from '../clock.ts'
import type { Introspector } from '../state/introspector.ts'
import { storeKeys } from '../state/store/keys.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'
import { createGatewayState, type GatewayState } from '../state/gatewayState.ts'
import type { MeterTable } from '../state/meterTable.ts'

/** Knows no token and asks about none. */
const mute: Introspector = {
  recall: () => null,
  ask: () => Promise.resolve({ type: 'unavailable', retryAfter: 1 }),
}

/** Every key is one that nothing was taken from. */
class ForgetfulTable implements MeterTable {
  readonly cells = new Float64Array(4)

  place(): number {
    this.cells.fill(0)
    return 0
  }

  find(): number {
    return 0
  }

  size(): number {
    return 0
  }
}

/** Knows no count but that of the request at hand, and no mark. */
const lonelyStore: SharedStore = {
  keys: storeKeys('explain'),
  count: (_mode, meters) =>
    Promise.resolve({
      passed: true,
      counts: meters.map(({ meter, cost }) => ({
        taken: cost,
        wait: 0,
        remaining: Math.max(0, meter.burst - cost),
        reset: 0,
      })),
    }),
  forget: () => Promise.resolve(0),
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
  const lease = <T>(value: T) => ({ value, retain: () => {}, release: () => {} })
  return {
    ...state,
    meters: { ...state.meters, acquire: () => lease(new ForgetfulTable()) },
    stores: { ...state.stores, acquire: () => lease(lonelyStore) },
    introspectors: { ...state.introspectors, acquire: () => lease(mute) },
    shadow: { ...state.shadow, work: { allows: () => true, spend: () => {} } },
  }
}
