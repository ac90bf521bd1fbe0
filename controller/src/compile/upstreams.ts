import type { WorldObject } from '../world.ts'
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

/** Resolves backends. */
export interface Upstreams {
  /**
   * The name of the `upstream` resource, paid from the purse; or why there is none. A namespace has its own of what it
   * shares with others, so that no state of one is seen by the other (M16).
   *
   * @param namespace - that refers
   */
  use(
    namespace: string,
    ref: BackendRef,
    purse: Purse,
  ): { readonly upstream: string } | { readonly reason: ConditionReason }
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
  /** null = the upstream is given by hand. */
  readonly owner: WorldObject | null
  readonly portName: string
  readonly upstream: Sealed
  /** The most bytes that the addresses take up. */
  readonly bytes: number
  readonly addresses: () => readonly Address[]
}

export function upstreamsOf(services: Services, options: CompileOptions): Upstreams {
  const known = new Map<string, Found | ConditionReason>()
  const resolve = (name: string, referrer: string, ref: BackendRef): Found | ConditionReason => {
    const { namespace } = ref
    if (!services.mayUse(referrer, namespace, ref.name)) return options.folder ? 'NotInFolder' : 'RefNotPermitted'
    const settings = { namespace, service: ref.name, port: ref.port, protocol: 'HTTP1' as const }
    const upstream = (owner: WorldObject | null): Sealed =>
      sealOnce(owner, { kind: 'upstream', name, spec: { ...settings, exemptFromAddressRules: owner === null } })
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
  const foundOf = (name: string): Found | [] => {
    const found = known.get(name)
    return found === undefined || typeof found === 'string' ? [] : found
  }
  return {
    use(namespace, ref, purse) {
      const own = `${ref.namespace}/${ref.name}:${ref.port}`
      const name = ref.namespace === namespace ? own : `${namespace}/${own}`
      const found = known.get(name) ?? resolve(name, namespace, ref)
      known.set(name, found)
      if (typeof found === 'string') return { reason: found }
      const fits = purse.payOnce(name, found.upstream.bytes + frameBytes(name) + found.bytes)
      return fits ? { upstream: name } : { reason: 'BudgetExceeded' }
    },
    resources: (names) =>
      [...names].flatMap((name) =>
        [foundOf(name)]
          .flat()
          .flatMap(({ owner, upstream, addresses }) => [upstream, sealedEndpoints(owner, name, addresses())]),
      ),
    services: (names) =>
      [...names].flatMap((upstream) =>
        [foundOf(upstream)]
          .flat()
          .flatMap(({ owner, portName, bytes }) => (owner ? [{ upstream, owner, portName, bytes }] : [])),
      ),
  }
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
