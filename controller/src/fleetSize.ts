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

/** A number of data planes, and when there were last so many. */
interface Seen {
  readonly count: number
  readonly last: number
}

/**
 * Among how many data planes limits are divided: the most that there were in the last while. One more counts at once, for
 * until it does they give out too much together; one less only when it has been so for a while, so that nothing that
 * flaps reaches every data plane.
 */
export class FleetSize {
  readonly #options: FleetSizeOptions
  #counted = 0
  /** What was counted in the last while, the most first; what came before more is not in it. */
  readonly #seen: Seen[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(options: FleetSizeOptions) {
    this.#options = options
  }

  /** @param counted - data planes at this moment */
  settle(counted: number): number {
    const now = this.#options.clock.monotonic()
    while (this.#seen.length > 0 && this.#seen.at(-1)!.count <= this.#counted) this.#seen.pop()
    // So many there were until now.
    this.#seen.push({ count: this.#counted, last: now })
    while (this.#seen.length > 0 && this.#seen[0]!.last <= now - steady) this.#seen.shift()
    this.#counted = counted
    const size = Math.max(1, counted, this.#seen[0]?.count ?? 0)
    this.#plan(size, now)
    return size
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #plan(size: number, now: number): void {
    this.close()
    const [most] = this.#seen
    if (most === undefined || size === 1 || size === this.#counted) return
    this.#timer = setTimeout(this.#options.again, Math.max(0, most.last + steady - now))
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
