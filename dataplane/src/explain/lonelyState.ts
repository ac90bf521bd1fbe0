import type { Clock } from '../clock.ts'
import { cellsOf, charge, fitsAt, remainingOf, resetOf, settle } from '../policy/meter.ts'
import type { Introspector } from '../state/introspector.ts'
import { storeKeys } from '../state/store/keys.ts'
import type { SharedMeter, SharedPhase } from '../state/store/phase.ts'
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

/** Knows no count but that of the request at hand, and no mark. What costs more than its limit it refuses, as any store does. */
const lonelyStore = (clock: Clock): SharedStore => ({
  keys: storeKeys('explain'),
  count: (_mode, meters) => Promise.resolve(firstCount(meters, Math.floor(clock.now() * 1000))),
  forget: () => Promise.resolve(0),
  mark: () => Promise.resolve('first'),
  state: () => 'up',
  fault: () => null,
  close: () => {},
})

/** @param now - microseconds since the epoch */
function firstCount(meters: readonly SharedMeter[], now: number): SharedPhase {
  const asked = meters.map(({ meter, cost }) => {
    const cells = new Float64Array(cellsOf[meter.algorithm])
    settle(meter, cells, 0, now)
    return { meter, cost, cells, wait: Math.max(0, fitsAt(meter, cells, 0, cost) - now) }
  })
  const passed = asked.every(({ wait }) => wait === 0)
  const counts = asked.map(({ meter, cost, cells, wait }) => {
    if (passed) charge(meter, cells, 0, cost)
    const remaining = remainingOf(meter, cells, 0, now)
    return { taken: passed ? cost : 0, wait, remaining, reset: resetOf(meter, cells, 0, now) }
  })
  return { passed, counts }
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
    stores: { ...state.stores, acquire: () => lease(lonelyStore(clock)) },
    introspectors: { ...state.introspectors, acquire: () => lease(mute) },
    shadow: { ...state.shadow, work: { allows: () => true, spend: () => {} } },
  }
}
