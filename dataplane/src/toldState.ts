import type { StoreFault } from '@gatehouse/contract'
import type { Clock } from './clock.ts'
import { createForwarding, type Forwarding } from './forwarding.ts'
import { breakerOwner } from './state/breakers.ts'
import { createGatewayState, type GatewayState, type GatewayStateOptions } from './state/gatewayState.ts'
import type { HealthOptions } from './state/health/healthBook.ts'
import { breakerLog } from './telemetry/breakerLog.ts'
import type { Logger } from './telemetry/logger.ts'
import { createTroubleReports, type TroubleReports } from './troubleReports.ts'

export interface ToldStateOptions {
  readonly clock: Clock
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  /** Of this data plane; null = not known. */
  readonly zone: string | null
  readonly logger: Logger
  /** Called when something else is to be said of circuits and store. */
  readonly troublesMoved: () => void
}

/** What outlives snapshots and tells of itself. */
export interface ToldState {
  readonly forwarding: Forwarding
  readonly state: GatewayState
  readonly troubles: TroubleReports
}

/** Writes what becomes of endpoints. */
const endpointLog =
  (logger: Logger): HealthOptions['changed'] =>
  (change, upstream, address) =>
    logger.event(change, { resource: `upstream/${upstream}`, address })

/** Writes how the store stands. */
const logStore = (logger: Logger, fault: StoreFault | null): void =>
  fault === null ? logger.event('store-up') : logger.event('store-down', { code: fault })

/** Writes which spikes begin and end. */
const spikeLog =
  (logger: Logger): NonNullable<GatewayStateOptions['spiked']> =>
  ({ change, policy, key, requests }) =>
    logger.event(`spike-${change}`, { resource: `policy/${policy}`, key: JSON.stringify(key), count: requests })

/** Makes what forwards and what is remembered, which tell the log and the controller of what becomes of it. */
export function createToldState(options: ToldStateOptions): ToldState {
  const { clock, random, zone, logger, troublesMoved } = options
  const logBreaker = breakerLog(logger, clock)
  const forwarding = createForwarding({
    ...{ clock, random, zone },
    observe: (key, change) => {
      logBreaker(key, breakerOwner(key), change)
      troubles.circuitMoved()
    },
    changed: endpointLog(logger),
  })
  const state = createGatewayState({
    ...{ clock, random },
    storeChanged: (fault) => {
      logStore(logger, fault)
      if (fault !== null) troubles.storeFell(fault)
    },
    spiked: spikeLog(logger),
  })
  const troubles = createTroubleReports({
    states: () => forwarding.breakers.states(),
    faults: () => state.stores.faults(),
    changed: troublesMoved,
    clock,
  })
  return { forwarding, state, troubles }
}
