import { seal, type SealedResource } from '@gatehouse/contract'
import { allocator } from '../scripts/images/memory.ts'
import { writeBundle } from '../scripts/images/bundle.ts'
import { containerMemory } from '../test/support/containerMemory.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
} from '../test/support/resources.ts'
import { startServedDataplane } from '../test/support/servedDataplane.ts'
import { http1Lanes } from './lanes/http1Lanes.ts'
import { saturate } from './lanes/lanes.ts'
import { otherRoutes } from './otherRoutes.ts'
import { residentBytes } from './process.ts'
import { publicRequest } from './scenario.ts'

export const heldSizes = { routes: 5000, connections: 1000, requests: 20_000 }

/** Resident memory of a data plane in megabytes. */
export interface HeldMemory {
  /** With all routes. */
  readonly routes: number
  /** When each connection has had its first answer. */
  readonly connections: number
  /** After more requests on all of them at once. */
  readonly requests: number
}

const resources = (backend: number): SealedResource[] =>
  [
    installationResource(),
    listenerResource(),
    ...upstreamResources('orders', [{ address: '127.0.0.1', port: backend }]),
    policyResource(),
    routeResource([ruleTo('orders', { name: 'public', matches: under('/public') })]),
    ...otherRoutes(heldSizes.routes - 1),
  ].map(seal)

interface Surroundings {
  readonly core: number
  /** Port. */
  readonly backend: number
  /** An empty one, for the bundle. */
  readonly folder: string
}

/** Measures the bundle that the image holds, with the memory of the chart's container. */
export async function heldMemory({ core, backend, folder }: Surroundings): Promise<HeldMemory> {
  await writeBundle(process.cwd(), 'dataplane', folder)
  const served = await startServedDataplane(resources(backend), {
    core,
    environment: allocator,
    nodeOptions: containerMemory.split(' '),
    entry: `${folder}/main.mjs`,
  })
  try {
    const { port } = await served.process.listener('http')
    served.process.discardLines()
    const held = async (): Promise<number> => (await residentBytes(served.process.pid)) / 1e6
    const routes = await held()
    const { connections: count, requests } = heldSizes
    const lanes = await http1Lanes({ port, authority: null, count, request: () => publicRequest })
    await saturate(lanes, count)
    const connections = await held()
    await saturate(lanes, requests)
    const later = await held()
    lanes.close()
    return { routes, connections, requests: later }
  } finally {
    await served.close()
  }
}
