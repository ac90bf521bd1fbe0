import { setTimeout as pause } from 'node:timers/promises'
import { seal, type Quota, type QuotaStore, type Resource, type SealedResource } from '@gatehouse/contract'
import { clientPool, type ClientPool } from './clientPool.ts'
import { quota } from './quota.ts'
import {
  enforce,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
  type Target,
} from './resources.ts'
import { storeIs } from './storeState.ts'
import { startServedDataplane, type ServedDataplane } from './servedDataplane.ts'

type Topology = QuotaStore['topology']
type RouteRule = Parameters<typeof routeResource>[0][number]

const host = 'api.shop.example'
const timeouts = { request: 15_000, backendRequest: 0, connect: 15_000, idle: 60_000, maxStreamAge: 0 }
const answered: RouteRule['action'] = {
  type: 'Respond',
  statusCode: 200,
  content: { type: 'text/plain', body: 'counted' },
  responseHeaders: null,
  timeouts,
}

/** A quota of all data planes by the address of the client: all requests of a test. */
export const together = (shared: NonNullable<Quota['shared']>, over: Partial<Quota> = {}): Quota =>
  quota(['IP'], { name: 'together', scope: 'Shared', shared, ...over })

/** Data planes with one rule for each quota, at the path of its name, which answers itself unless there is a backend. */
export interface CountingFleet {
  /** A client that asks the data planes in turn. @param size - connections to each */
  clients(size: number): FleetClients
  /** Resolves when every data plane says so of its store. */
  settled(state: 'up' | 'down'): Promise<void>
  readonly planes: readonly ServedDataplane[]
  close(): Promise<void>
}

/** What requests came to. */
export interface Tally {
  readonly statuses: ReadonlyMap<number, number>
  /** Codes of the gateway's own answers of 500 and more. */
  readonly failures: ReadonlySet<string>
  /** Milliseconds from the first byte sent to the last received. */
  readonly seconds: number
  /** Milliseconds of each request. */
  readonly took: readonly number[]
}

export interface FleetClients {
  /** Asks so often a second for so long, without waiting for answers. */
  press(path: string, load: { readonly rate: number; readonly seconds: number }): Promise<Tally>
  close(): void
}

/** The store of all shared quotas. */
export const storeResource = (topology: Topology): Resource => ({
  kind: 'quotaStore',
  name: 'quota-store',
  spec: { installation: 'gatehouse-system/edge', topology, tls: null, login: null },
})

/** Where data planes count, and what is behind them. */
export interface FleetPlace {
  readonly topology: Topology
  /** Default 4. */
  readonly dataPlanes?: number
  /** Default none: the data planes answer. */
  readonly backend?: Target | null
}

function snapshotFor(
  quotas: Readonly<Record<string, Quota>>,
  { topology, dataPlanes, backend }: Required<FleetPlace>,
): SealedResource[] {
  const names = Object.keys(quotas)
  const action = backend === null ? answered : forwardTo('counted', { timeouts })
  const rules = names.map((name) => ruleTo('none', { name, matches: under(`/${name}`), access: enforce(name), action }))
  return [
    installationResource(),
    listenerResource(),
    storeResource(topology),
    ...(backend === null ? [] : upstreamResources('counted', [backend])),
    { kind: 'fleet' as const, name: 'fleet', spec: { dataPlanes } },
    ...names.map((name) => policyResource({ quotas: [quotas[name]!] }, name)),
    routeResource(rules),
  ].map(seal)
}

/** Starts data planes as processes, and waits until their stores are up. */
export async function startCountingFleet(
  quotas: Readonly<Record<string, Quota>>,
  { topology, dataPlanes = 4, backend = null }: FleetPlace,
): Promise<CountingFleet> {
  const resources = snapshotFor(quotas, { topology, dataPlanes, backend })
  const planes: ServedDataplane[] = []
  // One after the other: all at once take each other's time.
  while (planes.length < dataPlanes) planes.push(await startServedDataplane(resources))
  const admins = await Promise.all(planes.map((plane) => plane.process.admin()))
  const settled = async (state: 'up' | 'down'): Promise<void> => {
    for (const admin of admins) await storeIs(state, admin)
  }
  await settled('up')
  const targets = await Promise.all(planes.map((plane) => plane.process.listener('http')))
  return {
    planes,
    settled,
    clients: (size) => fleetClients(targets.map((target) => clientPool(target, size))),
    close: async () => {
      await Promise.all(planes.map((plane) => plane.close()))
    },
  }
}

const tick = 10

/** What a problem says that it is (M18). */
const codeOf = (body: string): string => /"urn:gatehouse:problem:([a-z-]+)"/.exec(body)?.[1] ?? body

function fleetClients(pools: readonly ClientPool[]): FleetClients {
  let turn = 0
  return {
    press: async (path, { rate, seconds }) => {
      const statuses = new Map<number, number>()
      const failures = new Set<string>()
      const took: number[] = []
      const began = performance.now()
      const one = async (): Promise<void> => {
        const sent = performance.now()
        const { status, body } = await pools[turn++ % pools.length]!.get(path, { host })
        took.push(performance.now() - sent)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status >= 500) failures.add(codeOf(body))
      }
      const running: Promise<void>[] = []
      for (let sent = 0; performance.now() - began < seconds * 1000; await pause(tick)) {
        for (const due = ((performance.now() - began) * rate) / 1000; sent < due; sent++) running.push(one())
      }
      await Promise.all(running)
      return { statuses, failures, took, seconds: (performance.now() - began) / 1000 }
    },
    close: () => pools.forEach((pool) => pool.close()),
  }
}
