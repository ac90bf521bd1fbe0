import type { WorldObject } from '../world.ts'
import { frameBytes } from './budget.ts'
import type { CompileOptions } from './options.ts'
import type { Purse } from './purse.ts'
import type { ConditionReason } from './reasons.ts'
import { sealOnce, type Sealed } from './seal.ts'
import type { Address, Services } from './services.ts'

export interface BackendRef {
  readonly name: string
  readonly port: number
}

/** Resolves backends. */
export interface Upstreams {
  /** The name of the `upstream` resource, paid from the purse; or why there is none. */
  use(
    namespace: string,
    ref: BackendRef,
    purse: Purse,
  ): { readonly upstream: string } | { readonly reason: ConditionReason }
  /** An `upstream` and an `endpoints` resource for each of these, which were used. */
  resources(names: Iterable<string>): readonly Sealed[]
}

interface Found {
  readonly owner: WorldObject | null
  readonly upstream: Sealed
  /** The most bytes that the addresses take up. */
  readonly bytes: number
  readonly addresses: () => readonly Address[]
}

export function upstreamsOf(services: Services, options: CompileOptions): Upstreams {
  const known = new Map<string, Found | ConditionReason>()
  const resolve = (name: string, namespace: string, ref: BackendRef): Found | ConditionReason => {
    const settings = { namespace, service: ref.name, port: ref.port, protocol: 'HTTP1' as const }
    const upstream = (owner: WorldObject | null): Sealed =>
      sealOnce(owner, { kind: 'upstream', name, spec: { ...settings, exemptFromAddressRules: owner === null } })
    const service = `${namespace}/${ref.name}`
    const given = options.upstreams.get(`${service}:${ref.port}`) ?? options.upstreams.get(service)
    if (given) {
      const addresses = [{ address: given.address, port: given.port }]
      return { owner: null, upstream: upstream(null), bytes: 0, addresses: () => addresses }
    }
    const found = services.port(namespace, ref.name, ref.port)
    if (found === 'BackendNotFound' && options.folder) return 'NotInFolder'
    if (typeof found === 'string') return found
    const { owner, portName } = found
    return {
      owner,
      upstream: upstream(owner),
      bytes: services.bytes(namespace, ref.name, portName),
      addresses: () => services.addresses(namespace, ref.name, portName),
    }
  }
  return {
    use(namespace, ref, purse) {
      const name = `${namespace}/${ref.name}:${ref.port}`
      const found = known.get(name) ?? resolve(name, namespace, ref)
      known.set(name, found)
      if (typeof found === 'string') return { reason: found }
      const fits = purse.payOnce(name, found.upstream.bytes + frameBytes(name) + found.bytes)
      return fits ? { upstream: name } : { reason: 'BudgetExceeded' }
    },
    resources: (names) =>
      [...names].flatMap((name) => {
        const found = known.get(name)
        if (found === undefined || typeof found === 'string') return []
        const spec = { addresses: [...found.addresses()] }
        return [found.upstream, sealOnce(found.owner, { kind: 'endpoints', name, spec })]
      }),
  }
}
