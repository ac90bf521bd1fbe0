import { bodyWorkerEntry } from './bodyWorkerEntry.ts'
import type { Clock } from './clock.ts'
import { Alarms } from './forward/alarms.ts'
import type { ForwardState } from './forward/forward.ts'
import { collectYoung } from './memory.ts'
import { permitsEndpoint } from './state/addressRules.ts'
import { bodyBudgetLimits, createBodyBudget, keptBodyLimits } from './state/bodyBudget.ts'
import { createBodyBuffers } from './state/bodyBuffers.ts'
import { createBodyWorkers } from './state/bodyWorkers.ts'
import { Breakers, type BreakerChange } from './state/breakers.ts'
import { Balancers } from './state/balancing/balancers.ts'
import { createMirrors } from './state/mirrors.ts'
import { NamespaceLoads } from './state/namespaceLoads.ts'
import type { HealthOptions } from './state/health/healthBook.ts'
import { createPlaces } from './state/places.ts'
import { Pools } from './state/pools.ts'
import { createRetryBudgets } from './state/retryBudgets.ts'
import { createTurns } from './state/turns.ts'

/** What forwarding shares between requests and snapshots, and how it ends. */
export interface Forwarding extends ForwardState {
  /** Gives everything back; requests that still run fail. */
  close(): Promise<void>
}

export interface ForwardingOptions {
  readonly clock: Clock
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  /** Of this data plane; null = not known. */
  readonly zone: string | null
  /** Told what becomes of breakers. */
  readonly observe: (key: string, change: BreakerChange) => void
  /** Told what becomes of endpoints. */
  readonly changed: HealthOptions['changed']
}

export function createForwarding({ clock, random, zone, observe, changed }: ForwardingOptions): Forwarding {
  const loads = new NamespaceLoads()
  const pools = new Pools({ permits: permitsEndpoint, clock, random, zone, loads })
  const mirrorPools = new Pools({ permits: permitsEndpoint, clock, random, zone, loads })
  const breakers = new Breakers(clock, observe)
  const balancers = new Balancers({ clock, random, pools, changed })
  const bodies = { budget: createBodyBudget(bodyBudgetLimits), workers: createBodyWorkers({ entry: bodyWorkerEntry }) }
  return {
    pools,
    balancers,
    breakers,
    retries: createRetryBudgets(),
    places: createPlaces(),
    loads,
    mirroring: { pools: mirrorPools, mirrors: createMirrors() },
    bodies,
    turns: createTurns(() => clock.monotonic()),
    kept: createBodyBudget(keptBodyLimits),
    buffers: createBodyBuffers(collectYoung),
    clock,
    alarms: new Alarms(),
    random,
    close: async () => {
      await bodies.workers.close()
      balancers.close()
      await Promise.all([pools.close(), mirrorPools.close()])
      breakers.close()
    },
  }
}
