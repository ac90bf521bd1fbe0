import type { RefusedResource } from '@gatehouse/contract'
import { systemClock, type Clock } from './clock.ts'
import type { DataplaneConfig } from './config.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { BoundListener } from './http/listeners.ts'
import { createServing, type Serving } from './serving.ts'
import { SyncClient } from './sync/client.ts'
import { readPushCredentials } from './sync/peer.ts'
import { startAdminServer } from './telemetry/adminServer.ts'
import type { LineSink } from './telemetry/lineWriter.ts'
import { stackFrames } from './telemetry/stackFrames.ts'
import { createTelemetry } from './telemetry/telemetry.ts'
import { version } from './version.ts'

/** What a data plane takes from the process that it runs in. */
export interface Surroundings {
  /** Where the logs go. */
  readonly sink: LineSink
  readonly clock?: Clock
  /** From 0 up to, but not including, 1. */
  readonly random?: () => number
}

/** A running data plane. */
export interface Dataplane {
  /** Whether a snapshot serves and no drain has begun. */
  ready(): boolean
  /** What new requests begin with; null before the first snapshot. */
  gateway(): Gateway | null
  /** Where the listeners take connections. */
  bound(): readonly BoundListener[]
  readonly admin: { readonly address: string; readonly port: number }
  /** Withdraws readiness, waits for load balancers to notice, lets open requests finish, then closes. */
  drain(): Promise<void>
  /** Reports an error that ends the process. */
  failed(error: unknown): Promise<void>
  /** Closes at once; open requests break off. */
  close(): Promise<void>
}

/**
 * Starts a data plane: it answers on the admin address at once, and serves as soon as a controller has sent a snapshot.
 *
 * @throws the operating system's error when the admin address cannot be used
 */
export async function startDataplane(config: DataplaneConfig, surroundings: Surroundings): Promise<Dataplane> {
  const { sink, clock = systemClock, random = Math.random } = surroundings
  const telemetry = createTelemetry({ sink, logs: config.logs, perRouteMetrics: config.perRouteMetrics, clock })
  const reopened = (refused: readonly RefusedResource[]): void => {
    announce()
    sync.restate(refused)
  }
  const serving = createServing({ clock, random, telemetry, reopened })
  const announce = announcer(serving, (listener) => {
    const address = hostPort(listener.address, listener.port)
    telemetry.logger.event('listening', { resource: `listener/${listener.name}`, address })
  })
  let draining = false
  const ready = (): boolean => !draining && serving.gateway() !== null
  const page = telemetry.page(serving.probes)
  const admin = await startAdminServer({ ...config.admin, metrics: page, ready })
  telemetry.logger.event('started')
  telemetry.logger.event('admin-listening', { address: hostPort(admin.address, admin.port) })
  const sync = new SyncClient({
    installation: config.installation,
    addresses: config.controllers,
    instance: config.instance,
    version,
    credentials: () => readPushCredentials(config.pushDirectory),
    apply: async (snapshot) => {
      const refused = await serving.apply(snapshot)
      announce()
      return refused
    },
    observe: telemetry.sync,
    random,
  })
  const close = async (grace: number): Promise<void> => {
    // Until the last request has ended, revocations still act.
    await serving.drain(grace)
    await sync.close()
    await serving.close()
    await admin.close()
    telemetry.logger.event('stopped')
    await telemetry.logger.flush()
  }
  return {
    ready,
    gateway: () => serving.gateway(),
    bound: () => serving.bound(),
    admin: { address: admin.address, port: admin.port },
    drain: async () => {
      draining = true
      telemetry.logger.event('draining')
      await new Promise((resolve) => setTimeout(resolve, config.drain.delay))
      await close(config.drain.deadline)
    },
    failed: (error) => {
      telemetry.logger.event('failed', { stack: stackFrames(error) })
      return telemetry.logger.flush()
    },
    close: () => close(0),
  }
}

/** Tells of listeners that were not bound when it was last asked to. */
function announcer(serving: Serving, tell: (listener: BoundListener) => void): () => void {
  let known = new Set<string>()
  return () => {
    const bound = serving.bound()
    const keyOf = ({ name, address, port }: BoundListener): string => `${name} ${hostPort(address, port)}`
    for (const listener of bound) if (!known.has(keyOf(listener))) tell(listener)
    known = new Set(bound.map(keyOf))
  }
}

const hostPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
