import type { RefusedResource, ResourceSpec, Snapshot } from '@gatehouse/contract'
import type { Clock } from './clock.ts'
import { gatewaySteps, type BuiltGateway } from './gateway/build.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { ParsedResources } from './gateway/parse.ts'
import { SessionEnds } from './http/sessionEnd.ts'
import { inSlices } from './slices.ts'
import { Streams } from './http/streams.ts'
import { Listeners, type BoundListener, type ListenerSet } from './http/listeners.ts'
import type { Forwarding } from './forwarding.ts'
import { breakerOwner } from './state/breakers.ts'
import type { GatewayState } from './state/gatewayState.ts'
import { Overload, type OverloadOptions } from './state/overload.ts'
import { backoffDelay } from './sync/backoff.ts'
import type { Troubles } from './sync/troubles.ts'
import type { Sample } from './telemetry/requestCounters.ts'
import type { MetricProbes, Telemetry } from './telemetry/telemetry.ts'
import { createToldState, type ToldStateOptions } from './toldState.ts'

/** What serves requests: the gateway of the newest snapshot, its listeners, and what outlives both. */
export interface Serving {
  gateway(): Gateway | null
  bound(): readonly BoundListener[]
  /** What is to be said of circuits and store. */
  troubles(): Troubles
  /**
   * Makes a snapshot serve: everything new is provided first, then one reference is swapped, then the old is released.
   *
   * @returns what could not be built
   * @throws when the gateway cannot be built at all; the one before then still serves
   */
  apply(snapshot: Snapshot): Promise<readonly RefusedResource[]>
  /** Serves nothing until the next snapshot: sockets close as their requests end, and new requests are refused. */
  suspend(): Promise<void>
  readonly probes: MetricProbes
  /** Ends connections as their requests end; after `grace` milliseconds all. Snapshots still take effect. */
  drain(grace: number): Promise<void>
  /** Gives everything back. Nothing may be applied after it. */
  close(): Promise<void>
}

export interface ServingOptions extends Omit<ToldStateOptions, 'logger'> {
  readonly telemetry: Telemetry
  /** When there is too little of it for new requests. */
  readonly memory: Pick<OverloadOptions, 'percent' | 'read' | 'collect'>
  /**
   * Called when a listener takes connections whose port was taken when its snapshot was applied.
   *
   * @param refused - what of that snapshot still could not be built
   */
  readonly reopened: (refused: readonly RefusedResource[]) => void
}

/** Milliseconds between two attempts to open a port that is taken. */
const portBackoff = { min: 1_000, max: 30_000 }

export function createServing(options: ServingOptions): Serving {
  const { clock, random, telemetry, memory, reopened } = options
  const { forwarding, state, troubles } = createToldState({ ...options, logger: telemetry.logger })
  let current: BuiltGateway | null = null
  let draining = false
  const gateway = (): Gateway | null => current?.gateway ?? null
  const streams = new Streams({ clock, gateway })
  const ends = new SessionEnds()
  const overload = overloadOf({ forwarding, memory, telemetry, clock })
  const observed = { record: telemetry.record, sessionEnded: ends.count }
  const service = { gateway, streams, overload, forwarding, ...observed, clock }
  const listeners = new Listeners(service, {
    delay: (failures) => backoffDelay(failures, portBackoff, random()),
    reopened: (refused) => reopened([...(current?.refused ?? []), ...refused]),
  })
  return {
    gateway,
    bound: () => listeners.bound(),
    troubles: () => troubles.now(),
    apply: async (snapshot) => {
      const { resources, revision } = snapshot
      const steps = gatewaySteps({ resources, revision, state, clock, previous: current })
      const built = await inSlices(steps, () => clock.monotonic())
      const opening = draining ? Promise.resolve([]) : listeners.apply(listenerSet(built.parsed))
      const unopened = await opening.catch((error: unknown) => {
        built.release()
        throw error
      })
      bind(built, state, forwarding)
      const before = current
      current = built
      before?.release()
      telemetry.retainRoutes(built.parsed.route)
      return [...built.refused, ...unopened]
    },
    suspend: async () => {
      const before = current
      current = null
      forwarding.balancers.adopt(null)
      before?.release()
      await listeners.apply({ listeners: new Map(), certificates: new Map(), trusts: new Map() })
    },
    probes: probesOf({ listeners, ends, forwarding, overload, state, clock }),
    drain: async (grace) => {
      draining = true
      await listeners.close(grace)
    },
    close: async () => {
      streams.close()
      troubles.close()
      overload.close()
      await forwarding.close()
      current?.release()
      state.close()
    },
  }
}

/** Makes the bounds of a gateway those of what outlives it. */
function bind({ parsed, gateway }: BuiltGateway, state: GatewayState, forwarding: Forwarding): void {
  state.fleet.adopt(saidOf(parsed))
  state.meters.adopt(gateway.installation.quotaKeys)
  forwarding.balancers.adopt(gateway)
  forwarding.loads.adopt(gateway.installation.parallelRequests)
}

interface Watched extends Pick<ServingOptions, 'memory' | 'telemetry' | 'clock'> {
  readonly forwarding: Forwarding
}

const overloadOf = ({ forwarding, memory, telemetry, clock }: Watched): Overload =>
  new Overload({
    ...memory,
    clock,
    running: () => forwarding.pools.stats().requests + forwarding.places.waiting() + forwarding.bodies.budget.held(),
    changed: (overloaded, use) => telemetry.logger.event(overloaded ? 'overloaded' : 'relieved', { count: use }),
  })

/** null = it cannot be read; undefined = nothing is said. */
const saidOf = ({ fleet, unreadable }: ParsedResources): ResourceSpec<'fleet'> | null | undefined =>
  fleet.get('fleet')?.spec ?? (unreadable.fleet.size > 0 ? null : undefined)

function listenerSet(parsed: ParsedResources): ListenerSet {
  return {
    listeners: new Map([...parsed.listener].map(([name, { spec }]) => [name, spec])),
    certificates: new Map([...parsed.certificate].map(([name, { spec }]) => [name, spec])),
    trusts: parsed.trust,
  }
}

const one = (value: number): Sample[] => [{ labels: {}, value }]

interface Probed {
  readonly listeners: Listeners
  readonly ends: SessionEnds
  readonly forwarding: Forwarding
  readonly overload: Overload
  readonly state: GatewayState
  readonly clock: Clock
}

/** How many there are in each state. */
const tally = <S extends string>(states: readonly S[], seen: readonly S[]): Sample[] =>
  states.map((state) => ({ labels: { state }, value: seen.filter((found) => found === state).length }))

const byOutcome = (counts: Iterable<readonly [outcome: string, count: number]>): Sample[] =>
  [...counts].map(([outcome, value]) => ({ labels: { outcome }, value }))

const watchedKeys = (anomalies: GatewayState['anomalies']): Map<string, number> =>
  new Map(Object.entries({ ...anomalies.keys(), spiking: anomalies.spiking() }))

const probesOf = ({ listeners, ends, forwarding, overload, state, clock }: Probed): MetricProbes => ({
  gatehouse_connections_refused_total: () =>
    listeners.refused().map(({ listener, reason, count }) => ({ labels: { listener, reason }, value: count })),
  gatehouse_connections: () =>
    listeners.connections().map(({ listener, count }) => ({ labels: { listener }, value: count })),
  gatehouse_overloaded: () => one(overload.overloaded ? 1 : 0),
  gatehouse_client_sessions_ended_total: () =>
    [...ends.counts()].map(([reason, value]) => ({ labels: { reason }, value })),
  gatehouse_upstream_connections: () => one(forwarding.pools.stats().connections),
  gatehouse_upstream_requests_in_flight: () => one(forwarding.pools.stats().requests),
  gatehouse_namespace_load: () =>
    [...forwarding.loads.all()].flatMap(([namespace, { requests, connections }]) => [
      { labels: { namespace, of: 'requests' }, value: requests },
      { labels: { namespace, of: 'connections' }, value: connections },
    ]),
  gatehouse_upstream_requests_pending: () => one(forwarding.places.waiting()),
  gatehouse_upstream_health: () =>
    [...forwarding.balancers.states()].flatMap(([upstream, states]) =>
      tally(['healthy', 'unhealthy', 'ejected'], states).map(({ labels, value }) => ({
        labels: { upstream, ...labels },
        value,
      })),
    ),
  gatehouse_retries_total: () => byOutcome(forwarding.retries.outcomes()),
  gatehouse_mirrored_requests_total: () => byOutcome(forwarding.mirroring.mirrors.outcomes()),
  gatehouse_breakers: () =>
    tally(
      ['closed', 'open', 'half-open'],
      [...forwarding.breakers.states()].map(({ state }) => state),
    ),
  gatehouse_breaker_state: () =>
    [...forwarding.breakers.states()].map(({ key, state }) => ({ labels: { ...breakerOwner(key), state }, value: 1 })),
  gatehouse_key_sets: () => tally(['fresh', 'stale', 'missing'], [...state.keySets.states()]),
  gatehouse_throttled_networks: () => one(state.failures.blocked(clock.monotonic())),
  gatehouse_held_body_bytes: () => one(forwarding.bodies.budget.held()),
  gatehouse_fleet_size: () => one(state.fleet.dataPlanes),
  gatehouse_concurrency_slots: () => one(state.slots.taken()),
  gatehouse_body_checks: () => one(forwarding.bodies.workers.busy()),
  gatehouse_quota_store: () => tally(['up', 'connecting', 'down'], state.stores.states()),
  gatehouse_quota_store_failures_total: () =>
    [...state.stores.failures()].map(([reason, value]) => ({ labels: { reason }, value })),
  gatehouse_anomaly_keys: () =>
    [...watchedKeys(state.anomalies)].map(([name, value]) => ({ labels: { state: name }, value })),
  gatehouse_anomaly_spikes_total: () => one(state.anomalies.started()),
  gatehouse_anomaly_events_total: () => byOutcome(state.eventSinks.outcomes()),
  gatehouse_introspection_calls_total: () => byOutcome(state.introspectors.outcomes()),
})
