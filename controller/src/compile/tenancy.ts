import type { GatehouseSpec } from '@gatehouse/crds'

/** Whether a namespace may serve a host. */
export type Tenancy = (namespace: string, hostname: string) => boolean

/** The patterns that cover a host, the most specific first: itself, then `*.` and ever shorter suffixes. */
function* patternsOver(hostname: string): Generator<string> {
  yield hostname
  let rest = hostname.startsWith('*.') ? hostname.slice(2) : hostname
  for (let dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
    rest = rest.slice(dot + 1)
    yield `*.${rest}`
  }
}

/**
 * Who owns which host (M6). With `Shared` the most specific binding that covers the host alone decides, and a host
 * without a binding is nobody's. `Single` is one trust domain: any namespace, any host.
 */
export function tenancyOf(spec: Pick<GatehouseSpec, 'tenancy' | 'hosts'>): Tenancy {
  return spec.tenancy === 'Single' ? () => true : bindingOf(spec)
}

/** Whether a host is bound to a namespace. With `Single` there are no bindings, so none is. */
export function bindingOf(spec: Pick<GatehouseSpec, 'hosts'>): Tenancy {
  const bindings = new Map((spec.hosts ?? []).map(({ pattern, namespaces }) => [pattern, new Set(namespaces)]))
  return (namespace, hostname) => {
    for (const pattern of patternsOver(hostname)) {
      const owners = bindings.get(pattern)
      if (owners) return owners.has(namespace)
    }
    return false
  }
}
