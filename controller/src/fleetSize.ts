import { gatehouseStatus } from '@gatehouse/crds'
import type { Clock } from './clock.ts'
import type { InstallationRef } from './compile/options.ts'
import { member } from './compile/raw.ts'
import { readyDataPlanes } from './ownService.ts'
import type { SessionState } from './push/sessions.ts'
import { objectKey, type World } from './world.ts'

/**
 * For how long fewer data planes must have been counted before limits are divided among fewer, in milliseconds. It
 * outlives a reconnection and a rollout; a data plane that drains is connected until it ends.
 */
const steady = 30_000
/** No status makes a share smaller than this many data planes would. */
const mostRemembered = 1000

export interface FleetSizeOptions {
  readonly clock: Clock
  /** Called when it is time to count again although nothing happened. */
  readonly again: () => void
}

/**
 * Among how many data planes limits are divided. One more counts at once, for until it does they give out too much
 * together; one less only when it has been so for a while, so that nothing that flaps reaches every data plane.
 */
export class FleetSize {
  readonly #options: FleetSizeOptions
  #size = 1
  /** The most that were counted since it began to be fewer; null = it is not. */
  #fewer: { most: number; readonly since: number } | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(options: FleetSizeOptions) {
    this.#options = options
  }

  /** @param counted - data planes at this moment */
  settle(counted: number): number {
    const now = this.#options.clock.monotonic()
    if (counted >= this.#size) {
      this.#size = counted
      this.#fewer = null
    } else if (this.#fewer === null) this.#fewer = { most: counted, since: now }
    else if (now - this.#fewer.since < steady) this.#fewer.most = Math.max(this.#fewer.most, counted)
    else {
      this.#size = Math.max(1, this.#fewer.most, counted)
      this.#fewer = counted < this.#size ? { most: counted, since: now } : null
    }
    this.#plan(now)
    return this.#size
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #plan(now: number): void {
    this.close()
    if (this.#fewer === null || this.#size === 1) return
    this.#timer = setTimeout(this.#options.again, Math.max(0, this.#fewer.since + steady - now))
  }
}

/**
 * The data planes that serve, or are about to: those whose endpoint is ready, also those that no controller reaches, and
 * those that are connected, also those that drain.
 *
 * @param service - the data planes' own; null = there is none
 */
export function countedDataPlanes(
  world: World,
  service: InstallationRef | null,
  sessions: readonly SessionState[],
): number {
  const connected = sessions.filter(({ revision, nack }) => revision !== null || nack === null)
  const ready = service === null ? { names: [], count: 0 } : readyDataPlanes(world, service)
  return Math.max(ready.count, new Set([...connected.map(({ instance }) => instance), ...ready.names]).size)
}

/** How many data planes the leader before has told of, in the status of the installation. */
export function rememberedDataPlanes(world: World, installation: InstallationRef): number {
  const raw = world.Gatehouse.get(objectKey(installation))?.raw
  const known = gatehouseStatus.shape.fleet.safeParse(member(raw?.['status'], 'fleet')).data
  return Math.min(mostRemembered, Math.max(known?.ready ?? 0, known?.desired ?? 0))
}
