import type { Json, ResourceSpec } from '@gatehouse/contract'
import type { World, WorldObject } from '../world.ts'
import { jsonBytes } from './budget.ts'
import { mayRefer } from './grants.ts'
import { memoised } from './memo.ts'
import { integerOf, listOf, member, textOf } from './raw.ts'

/** A Service as far as routing needs it. */
interface Service {
  readonly external: boolean
  /** Names of TCP ports by number; an unnamed port has the empty name. */
  readonly ports: ReadonlyMap<number, string>
}

interface SlicePort {
  readonly name: string
  readonly port: number
}

/** An endpoint that serves. */
type Serving = Omit<Address, 'port'>

/** The part of an EndpointSlice that serves. */
interface Slice {
  readonly ports: readonly SlicePort[]
  readonly endpoints: readonly Serving[]
  /** The most bytes that the addresses take up in an update. */
  readonly bytes: number
}

export type Address = ResourceSpec<'endpoints'>['addresses'][number]

/** Bytes of the number of a port in an update. */
const portBytes = jsonBytes({ port: 65535 })

const isTcp = (port: Json | undefined): boolean => (textOf(member(port, 'protocol')) ?? 'TCP') === 'TCP'

const serviceOf = memoised((object: WorldObject): Service => {
  const spec = object.raw['spec']
  const ports = new Map<number, string>()
  for (const port of listOf(member(spec, 'ports'))) {
    const number = integerOf(member(port, 'port'))
    if (number !== undefined && isTcp(port)) ports.set(number, textOf(member(port, 'name')) ?? '')
  }
  return { external: member(spec, 'type') === 'ExternalName', ports }
})

const maxZones = 8

/** The zones that an endpoint is meant for; what cannot be a zone, and what there are too many of, is left out. */
const zonesOf = (endpoint: Json | undefined): string[] =>
  listOf(member(member(endpoint, 'hints'), 'forZones'))
    .flatMap((zone) => textOf(member(zone, 'name')) ?? [])
    .filter((zone) => zone.length >= 1 && zone.length <= 63)
    .slice(0, maxZones)

/**
 * An endpoint is ready unless it says that it is not; one that ends may serve until then. All of its addresses are the
 * same endpoint.
 */
function servingOf(endpoint: Json | undefined): Serving[] {
  const address = textOf(listOf(member(endpoint, 'addresses'))[0])
  if (address === undefined || address.length < 1 || address.length > 64) return []
  const conditions = member(endpoint, 'conditions')
  const ready = member(conditions, 'ready') !== false
  const draining = !ready && member(conditions, 'serving') === true && member(conditions, 'terminating') === true
  return ready || draining ? [{ address, zones: zonesOf(endpoint), draining }] : []
}

const sliceOf = memoised((object: WorldObject): Slice => {
  const type = object.raw['addressType']
  if (type !== 'IPv4' && type !== 'IPv6') return { ports: [], endpoints: [], bytes: 0 }
  const ports = listOf(object.raw['ports']).flatMap((port) => {
    const number = integerOf(member(port, 'port'))
    const valid = number !== undefined && number >= 1 && number <= 65535 && isTcp(port)
    return valid ? [{ name: textOf(member(port, 'name')) ?? '', port: number }] : []
  })
  const endpoints = listOf(object.raw['endpoints']).flatMap(servingOf)
  return { ports, endpoints, bytes: jsonBytes(endpoints) + endpoints.length * portBytes }
})

const maxAddresses = 5000

/** Those that are ready first, so that they are the last to be left out. */
const byAddress = (a: Address, b: Address): number =>
  Number(a.draining) - Number(b.draining) || (a.address < b.address ? -1 : a.address > b.address ? 1 : a.port - b.port)

/** Finds Services and the addresses behind them. */
export interface Services {
  /** Whether routes of a namespace may go there. */
  mayUse(referrer: string, namespace: string, name: string): boolean
  /** The name of the Service's TCP port, which EndpointSlices carry too; or why there is none. */
  port(
    namespace: string,
    name: string,
    port: number,
  ):
    | { readonly owner: WorldObject; readonly portName: string }
    | 'BackendNotFound'
    | 'BackendPortNotFound'
    | 'UnsupportedBackend'
  /** The most bytes that {@link Services.addresses} take up in an update. */
  bytes(namespace: string, name: string, portName: string): number
  /** Addresses that serve, those that are ready first, sorted, each once. */
  addresses(namespace: string, name: string, portName: string): readonly Address[]
}

/** The Service that a slice belongs to, as `namespace/name`. */
const serviceOfSlice = ({ meta }: WorldObject): string | null => {
  const service = meta.labels['kubernetes.io/service-name']
  return service === undefined ? null : `${meta.namespace}/${service}`
}

function slicesByService(world: World): ReadonlyMap<string, readonly WorldObject[]> {
  const slices = new Map<string, WorldObject[]>()
  for (const slice of world.EndpointSlice.values()) {
    const key = serviceOfSlice(slice)
    if (key === null) continue
    const known = slices.get(key)
    if (known) known.push(slice)
    else slices.set(key, [slice])
  }
  return slices
}

type Slices = World['EndpointSlice']

/** Services of which some slice is not the same in both, as `namespace/name`. */
export function changedServices(before: Slices, after: Slices): ReadonlySet<string> {
  const of = (some: Slices, others: Slices) =>
    [...some].flatMap(([key, slice]) => (others.get(key) === slice ? [] : (serviceOfSlice(slice) ?? [])))
  return new Set([...of(before, after), ...of(after, before)])
}

const portOf = (slice: Slice, portName: string): number | undefined =>
  slice.ports.find(({ name }) => name === portName)?.port

export function servicesOf(world: World): Services {
  const slices = slicesByService(world)
  const grants = [...world.ReferenceGrant.values()]
  return {
    mayUse: (referrer, namespace, name) =>
      mayRefer(grants, { kind: 'GatewayRoute', namespace: referrer }, { kind: 'Service', namespace, name }),
    port(namespace, name, port) {
      const owner = world.Service.get(`${namespace}/${name}`)
      if (!owner) return 'BackendNotFound'
      const service = serviceOf(owner)
      if (service.external) return 'UnsupportedBackend'
      const portName = service.ports.get(port)
      return portName === undefined ? 'BackendPortNotFound' : { owner, portName }
    },
    bytes(namespace, name, portName) {
      const all = (slices.get(`${namespace}/${name}`) ?? []).map(sliceOf)
      return all.reduce((sum, slice) => (portOf(slice, portName) === undefined ? sum : sum + slice.bytes), 0)
    },
    addresses(namespace, name, portName) {
      const found = new Map<string, Address>()
      for (const object of slices.get(`${namespace}/${name}`) ?? []) {
        const slice = sliceOf(object)
        const port = portOf(slice, portName)
        if (port === undefined) continue
        for (const endpoint of slice.endpoints) {
          const key = `${endpoint.address} ${port}`
          if (endpoint.draining && found.has(key)) continue
          found.set(key, { ...endpoint, port })
        }
      }
      return [...found.values()].sort(byAddress).slice(0, maxAddresses)
    },
  }
}
