import type { StoreFault } from '@gatehouse/contract'
import { circuitReports, type CircuitReportsOptions } from './circuitReports.ts'
import { StoreReports, type StoreReportsOptions } from './storeReports.ts'
import type { Troubles } from './sync/troubles.ts'

/** What is to be said of troubles, told of what moves. */
export interface TroubleReports {
  now(): Troubles
  /** To be called when a breaker may have moved. */
  circuitMoved(): void
  /** To be called when a store has gone down. */
  storeFell(fault: StoreFault): void
  close(): void
}

export function createTroubleReports(options: CircuitReportsOptions & StoreReportsOptions): TroubleReports {
  const { states, faults, changed, clock } = options
  const circuits = circuitReports({ states, changed, clock })
  const store = new StoreReports({ faults, changed, clock })
  return {
    now: () => ({ openCircuits: circuits.reported, storeFault: store.fault }),
    circuitMoved: () => circuits.moved(),
    storeFell: (fault) => store.fell(fault),
    close: () => {
      circuits.close()
      store.close()
    },
  }
}
