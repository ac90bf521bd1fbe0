import type { SealedResource } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { CompileOptions } from './options.ts'
import type { ConditionReason } from './reasons.ts'
import { sealOnce } from './seal.ts'
import type { Address, Services } from './services.ts'

export interface BackendRef {
  readonly name: string
  readonly port: number
}

/** Resolves backends, and collects the upstreams that routes came to use. */
export interface Upstreams {
  /** The name of the `upstream` resource, or why there is none. */
  use(namespace: string, ref: BackendRef): { readonly upstream: string } | { readonly reason: ConditionReason }
  /** An `upstream` and an `endpoints` resource for each that was used. */
  resources(): readonly SealedResource[]
}

interface Used {
  readonly namespace: string
  readonly ref: BackendRef
  readonly owner: WorldObject | null
  readonly addresses: readonly Address[]
}

function sealed(name: string, { namespace, ref, owner, addresses }: Used): readonly SealedResource[] {
  const upstream = {
    namespace,
    service: ref.name,
    port: ref.port,
    protocol: 'HTTP1' as const,
    exemptFromAddressRules: owner === null,
  }
  return [
    sealOnce(owner, { kind: 'upstream', name, spec: upstream }),
    sealOnce(owner, { kind: 'endpoints', name, spec: { addresses: [...addresses] } }),
  ]
}

export function upstreamsOf(services: Services, options: CompileOptions): Upstreams {
  const used = new Map<string, Used>()
  const resolve = (namespace: string, ref: BackendRef): Used | ConditionReason => {
    const service = `${namespace}/${ref.name}`
    const given = options.upstreams.get(`${service}:${ref.port}`) ?? options.upstreams.get(service)
    if (given) return { namespace, ref, owner: null, addresses: [{ address: given.address, port: given.port }] }
    const found = services.port(namespace, ref.name, ref.port)
    if (found === 'BackendNotFound' && options.folder) return 'NotInFolder'
    if (typeof found === 'string') return found
    return { namespace, ref, owner: found.owner, addresses: services.addresses(namespace, ref.name, found.portName) }
  }
  return {
    use(namespace, ref) {
      const upstream = `${namespace}/${ref.name}:${ref.port}`
      if (used.has(upstream)) return { upstream }
      const found = resolve(namespace, ref)
      if (typeof found === 'string') return { reason: found }
      used.set(upstream, found)
      return { upstream }
    },
    resources: () => [...used].flatMap(([name, upstream]) => sealed(name, upstream)),
  }
}
