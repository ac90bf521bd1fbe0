import type { Json } from '@gatehouse/contract'
import type { InstallationRef } from './compile/options.ts'
import { listOf, member, textOf } from './compile/raw.ts'
import type { World, WorldObject } from './world.ts'

const serviceLabel = 'kubernetes.io/service-name'

function* endpointsOf(world: World, service: InstallationRef): Generator<Json> {
  for (const { meta, raw } of world.EndpointSlice.values()) {
    if (meta.namespace !== service.namespace || meta.labels[serviceLabel] !== service.name) continue
    yield* listOf(raw['endpoints'])
  }
}

const addressesOf = (endpoint: Json): readonly string[] =>
  listOf(member(endpoint, 'addresses')).flatMap((address) => textOf(address) ?? [])

/** How many endpoints of a Service are ready, each counted once: the data planes that should serve. */
export function readyEndpoints(world: World, service: InstallationRef): number {
  const ready = new Set<string>()
  for (const endpoint of endpointsOf(world, service)) {
    const [address] = addressesOf(endpoint)
    if (address !== undefined && member(member(endpoint, 'conditions'), 'ready') !== false) ready.add(address)
  }
  return ready.size
}

/**
 * The data planes behind the ready endpoints of their own Service.
 *
 * @returns names of their Pods, as far as they are known, and how many there are
 */
export function readyDataPlanes(
  world: World,
  service: InstallationRef,
): { readonly names: readonly string[]; readonly count: number } {
  const names = [...endpointsOf(world, service)]
    .filter((endpoint) => member(member(endpoint, 'conditions'), 'ready') !== false)
    .flatMap((endpoint) => textOf(member(member(endpoint, 'targetRef'), 'name')) ?? [])
  return { names, count: readyEndpoints(world, service) }
}

const clusterAddresses = (service: WorldObject | undefined): readonly string[] =>
  listOf(member(service?.raw['spec'], 'clusterIPs')).flatMap((address) => textOf(address) ?? [])

const asRange = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`

/** The Service of the API server, in every cluster. */
const apiServer: InstallationRef = { namespace: 'default', name: 'kubernetes' }

/**
 * Every address, as a range, that routes and key sets must not lead to (M13): those of the API server and of
 * Gatehouse's own Services. An endpoint counts whether it is ready or not, for it listens.
 */
export function deniedAddresses(world: World, ownServices: readonly InstallationRef[]): readonly string[] {
  const denied = [apiServer, ...ownServices].flatMap((service) => [
    ...clusterAddresses(world.Service.get(`${service.namespace}/${service.name}`)),
    ...[...endpointsOf(world, service)].flatMap(addressesOf),
  ])
  // The cluster IP of a headless Service is the word None.
  return [...new Set(denied)]
    .filter((address) => /^[0-9a-fA-F.:]+$/.test(address))
    .map(asRange)
    .sort()
}
