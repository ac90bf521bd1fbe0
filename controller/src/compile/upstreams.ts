import type { ResourceSpec } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { Transport } from './backendTls.ts'
import { frameBytes } from './budget.ts'
import type { CompileOptions } from './options.ts'
import type { Purse } from './purse.ts'
import type { ConditionReason } from './reasons.ts'
import { sealOnce, type Sealed } from './seal.ts'
import type { Address, Services } from './services.ts'

export interface BackendRef {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** A host outside the cluster that a namespace may go to. */
export interface HostRef extends NonNullable<ResourceSpec<'upstream'>['host']> {
  /** Of its URL. */
  readonly authority: string
  /** Its URL. */
  readonly origin: string
}

type Use = { readonly upstream: string } | { readonly reason: ConditionReason }

/** Resolves backends. */
export interface Upstreams {
  /**
   * The name of the `upstream` resource, paid from the purse; or why there is none. A namespace has its own of what it
   * shares with others, so that no state of one is seen by the other (M16).
   *
   * @param namespace - that refers
   */
  use(namespace: string, ref: BackendRef, transport: Transport, purse: Purse): Use
  /** The same of a host outside the cluster. */
  useHost(namespace: string, host: HostRef, transport: Transport, purse: Purse): Use
  /** An `upstream` and an `endpoints` resource for each of these, which were used. */
  resources(names: Iterable<string>): readonly Sealed[]
  /** The Services behind these. */
  services(names: Iterable<string>): readonly UsedService[]
}

/** A port of a Service that is used as an upstream. */
export interface UsedService {
  /** Of the upstream and of its endpoints. */
  readonly upstream: string
  readonly owner: WorldObject
  readonly portName: string
  /** The most bytes that its addresses take up. */
  readonly bytes: number
}

interface Found {
  /** null = the upstream is given by hand, or no Service. */
  readonly owner: WorldObject | null
  readonly portName: string
  readonly upstream: Sealed
  /** The most bytes that the addresses take up. */
  readonly bytes: number
  /** null = a host outside the cluster, whose name is resolved elsewhere. */
  readonly addresses: (() => readonly Address[]) | null
}

/** TLS speaks to a backend by its name, and so does Host then (RFC 9110 7.4). */
const authorityOf = ({ namespace, name, port }: BackendRef, { tls }: Transport): string =>
  tls === null ? `${name}.${namespace}:${port}` : port === 443 ? tls.hostname : `${tls.hostname}:${port}`

interface Wish {
  /** Of the `upstream` resource. */
  readonly name: string
  /** The namespace that refers. */
  readonly referrer: string
  readonly ref: BackendRef
  readonly transport: Transport
}

function serviceFor(
  { name, referrer, ref, transport }: Wish,
  services: Services,
  options: CompileOptions,
): Found | ConditionReason {
  const { namespace } = ref
  if (!services.mayUse(referrer, namespace, ref.name)) return options.folder ? 'NotInFolder' : 'RefNotPermitted'
  const upstream = (owner: WorldObject | null): Sealed => {
    const { protocol, tls } = transport
    const settings = {
      namespace: referrer,
      owner: namespace,
      authority: authorityOf(ref, transport),
      protocol,
      tls,
      host: null,
    }
    return sealOnce(owner, { kind: 'upstream', name, spec: { ...settings, exemptFromAddressRules: owner === null } })
  }
  const service = `${namespace}/${ref.name}`
  const given = options.upstreams.get(`${service}:${ref.port}`) ?? options.upstreams.get(service)
  if (given) {
    const addresses = [{ address: given.address, port: given.port, zones: [], draining: false }]
    return { owner: null, portName: '', upstream: upstream(null), bytes: 0, addresses: () => addresses }
  }
  const found = services.port(namespace, ref.name, ref.port)
  if (found === 'BackendNotFound' && options.folder) return 'NotInFolder'
  if (typeof found === 'string') return found
  const { owner, portName } = found
  return {
    owner,
    portName,
    upstream: upstream(owner),
    bytes: services.bytes(namespace, ref.name, portName),
    addresses: () => services.addresses(namespace, ref.name, portName),
  }
}

export function upstreamsOf(services: Services, options: CompileOptions): Upstreams {
  const known = new Map<string, Found | ConditionReason>()
  const foundOf = (name: string): Found | [] => {
    const found = known.get(name)
    return found === undefined || typeof found === 'string' ? [] : found
  }
  const paid = (name: string, found: Found | ConditionReason, purse: Purse): Use => {
    known.set(name, found)
    if (typeof found === 'string') return { reason: found }
    const fits = purse.payOnce(name, found.upstream.bytes + frameBytes(name) + found.bytes)
    return fits ? { upstream: name } : { reason: 'BudgetExceeded' }
  }
  return {
    use(namespace, ref, transport, purse) {
      const own = `${ref.namespace}/${ref.name}:${ref.port}${transport.suffix}`
      const name = ref.namespace === namespace ? own : `${namespace}/${own}`
      return paid(
        name,
        known.get(name) ?? serviceFor({ name, referrer: namespace, ref, transport }, services, options),
        purse,
      )
    },
    useHost(namespace, host, transport, purse) {
      const name = `${namespace}/${host.origin}${transport.suffix}`
      return paid(name, known.get(name) ?? outside(name, namespace, host, transport), purse)
    },
    resources: (names) =>
      [...names].flatMap((name) =>
        [foundOf(name)]
          .flat()
          .flatMap(({ owner, upstream, addresses }) =>
            addresses ? [upstream, sealedEndpoints(owner, name, addresses())] : [upstream],
          ),
      ),
    services: (names) =>
      [...names].flatMap((upstream) =>
        [foundOf(upstream)]
          .flat()
          .flatMap(({ owner, portName, bytes }) => (owner ? [{ upstream, owner, portName, bytes }] : [])),
      ),
  }
}

function outside(name: string, namespace: string, host: HostRef, { protocol, tls }: Transport): Found {
  const { authority, addresses, port } = host
  const target = { name: host.name, port, addresses }
  const spec = { namespace, owner: namespace, authority, protocol, tls, host: target, exemptFromAddressRules: false }
  const upstream = sealOnce(null, { kind: 'upstream', name, spec })
  return { owner: null, portName: '', upstream, bytes: 0, addresses: null }
}

const sealedEndpoints = (owner: WorldObject | null, name: string, addresses: readonly Address[]): Sealed =>
  sealOnce(owner, { kind: 'endpoints', name, spec: { addresses: [...addresses] } })

/** The Service with what is behind it now, and its `endpoints` resource. */
export function withAddresses(used: UsedService, services: Services): readonly [UsedService, Sealed] {
  const { upstream, owner, portName } = used
  const { namespace, name } = owner.meta
  const bytes = services.bytes(namespace, name, portName)
  return [{ ...used, bytes }, sealedEndpoints(owner, upstream, services.addresses(namespace, name, portName))]
}
