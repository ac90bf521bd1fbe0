import type { RefusedResource } from '@gatehouse/contract'
import { systemClock, type Clock } from './clock.ts'
import { ConfigError, type DataplaneConfig } from './config.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { BoundListener } from './http/listeners.ts'
import { collectGarbage, memoryReader } from './memory.ts'
import { keepingOf } from './keeping.ts'
import { createServing, type Serving } from './serving.ts'
import { Standing } from './standing.ts'
import { SyncClient } from './sync/client.ts'
import { errorCode } from './sync/errorCode.ts'
import { readPushCredentials } from './sync/peer.ts'
import { startAdminServer, type AdminOptions, type AdminServer } from './telemetry/adminServer.ts'
import type { LineSink } from './telemetry/lineWriter.ts'
import type { Logger } from './telemetry/logger.ts'
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
  /** Whether a whole snapshot serves and no drain has begun. */
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
 * Starts a data plane: it answers on the admin address at once, and serves as soon as it has a snapshot: the last good one,
 * or what a controller sends.
 *
 * @throws ConfigError when the admin address cannot be used
 */
export async function startDataplane(config: DataplaneConfig, surroundings: Surroundings): Promise<Dataplane> {
  const { sink, clock = systemClock, random = Math.random } = surroundings
  const telemetry = createTelemetry({ sink, logs: config.logs, perRouteMetrics: config.perRouteMetrics, clock })
  /** Null until what was kept has been looked at. */
  let sync: SyncClient | null = null
  const reopened = (refused: readonly RefusedResource[]): void => {
    announce()
    standing.restate(refused)
    sync?.restate(refused)
  }
  const troublesMoved = (): void => sync?.restate(standing.refused)
  const serving = createServing({
    ...{ clock, random, zone: config.zone, telemetry, reopened, troublesMoved },
    memory: { percent: config.overloadPercent, read: memoryReader(), collect: collectGarbage },
  })
  const announce = announcer(serving, telemetry.logger)
  const keeping = keepingOf(config, telemetry.sync, clock)
  const announcing = announced(serving, announce)
  const standing = new Standing({ serving: announcing, folder: keeping.folder, observe: telemetry.sync, clock })
  let draining = false
  const ready = (): boolean => !draining && standing.whole
  const admin = await adminServer({ ...config.admin, metrics: telemetry.page(serving.probes), ready })
  telemetry.logger.event('started')
  telemetry.logger.event('admin-listening', { address: hostPort(admin.address, admin.port) })
  const kept = await keeping.read(clock.now())
  await standing.restore(kept)
  sync = new SyncClient({
    ...identityOf(config),
    initial: { snapshot: kept.found?.whole ? kept.found.snapshot : null, last: kept.last },
    apply: (snapshot, signed) => standing.apply(snapshot, signed),
    troubles: () => serving.troubles(),
    ...{ observe: telemetry.sync, clock, random },
  })
  const close = async (grace: number): Promise<void> => {
    // Until the last request has ended, revocations still act.
    await serving.drain(grace)
    await sync?.close()
    await standing.close()
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

/** @throws ConfigError when the address cannot be used */
const adminServer = (options: AdminOptions): Promise<AdminServer> =>
  startAdminServer(options).catch((error: unknown) => {
    const at = hostPort(options.address, options.port)
    const why = errorCode(error)
    throw new ConfigError(`GATEHOUSE_ADMIN is ${at}, which cannot be listened on (${why}); free it or set another`)
  })

/** Who this data plane is, and whom it follows. */
const identityOf = ({ installation, controllers, instance, pushDirectory, pushToken }: DataplaneConfig) => ({
  ...{ installation, controllers, instance, version },
  credentials: () => readPushCredentials({ directory: pushDirectory, tokenFile: pushToken }),
})

/** Tells after each change. */
const announced = (serving: Serving, announce: () => void): Pick<Serving, 'apply' | 'suspend'> => ({
  apply: async (snapshot) => {
    const refused = await serving.apply(snapshot)
    announce()
    return refused
  },
  suspend: async () => {
    await serving.suspend()
    announce()
  },
})

/** Logs the listeners that were not bound when it was last called. */
function announcer(serving: Serving, logger: Logger): () => void {
  let known = new Set<string>()
  return () => {
    const bound = serving.bound()
    const keyOf = ({ name, address, port }: BoundListener): string => `${name} ${hostPort(address, port)}`
    for (const listener of bound.filter((one) => !known.has(keyOf(one)))) {
      const address = hostPort(listener.address, listener.port)
      logger.event('listening', { resource: `listener/${listener.name}`, address })
    }
    known = new Set(bound.map(keyOf))
  }
}

const hostPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
