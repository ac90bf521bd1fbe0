import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { authOf, type AuthSources, type MadeAuth, type Proven } from './backendAuth.ts'
import { suffixOf, tlsOf, type TlsSources, type Transport } from './backendTls.ts'
import { note, type Note } from './findings.ts'
import type { Installation } from './gatehouse.ts'
import type { Purse } from './purse.ts'
import { unresolved, unresolvedNote, type References } from './references.ts'
import type { Sealed } from './seal.ts'
import type { Upstreams } from './upstreams.ts'

export type BackendSpec = NonNullable<GatewayRouteSpec['rules'][number]['backendRefs']>[number]

/** What backends are resolved with. */
export interface BackendSources {
  readonly upstreams: Upstreams
  readonly auth: Omit<AuthSources, 'purse'>
  /** Those of routes, which may lie in other namespaces. */
  readonly references: References
  readonly installation: Pick<Installation, 'outbound' | 'binding'>
  /** What the namespace may still spend on routes. */
  readonly purse: Purse
}

/** A backend that requests can be sent to. */
export interface ResolvedBackend {
  readonly upstream: string
  readonly auth: Extract<MadeAuth, { readonly auth: unknown }>['auth']
  /** What it needs beside its upstream. */
  readonly resources: readonly Sealed[]
}

/** Why a backend is none: its share is answered 500. */
export interface UnresolvedBackend {
  readonly notes: readonly Note[]
}

interface Place {
  readonly upstream: string | null
  readonly proven: Proven
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

/**
 * @param owner - the route
 * @param at - JSON pointer to the reference
 */
export function backendOf(
  owner: WorldObject,
  ref: BackendSpec,
  at: string,
  sources: BackendSources,
): ResolvedBackend | UnresolvedBackend {
  const { auth, purse } = sources
  const place = ref.url === undefined ? serviceOf(owner, ref, at, sources) : hostOf(owner, ref, at, sources)
  const proof = authOf(owner.meta.namespace, place.proven, ref.auth, { ...auth, purse })
  const notes = [...place.notes, ...('reason' in proof ? [unresolvedNote(proof, `${at}/auth`)] : [])]
  if (place.upstream === null || 'reason' in proof) return { notes }
  const resources = [...place.resources, ...(proof.resource ? [proof.resource] : [])]
  return { upstream: place.upstream, auth: proof.auth, resources }
}

function serviceOf(owner: WorldObject, ref: BackendSpec, at: string, sources: BackendSources): Place {
  const { namespace } = owner.meta
  const service = { namespace: ref.namespace ?? namespace, name: ref.name ?? '', port: ref.port ?? 0 }
  const named = `${service.namespace}/${service.name}:${service.port}`
  const url = `http://${service.name}.${service.namespace}.svc:${service.port}`
  const proven = { namespace: service.namespace, url, takesTokens: true }
  const tlsSources: TlsSources = { owner, references: sources.references, purse: sources.purse }
  const made = ref.tls ? tlsOf(ref.tls, `${at}/tls`, tlsSources) : { tls: null, resources: [], notes: [] }
  if (made.notes.length > 0) return { upstream: null, proven, resources: [], notes: made.notes }
  const transport = { protocol: ref.protocol, tls: made.tls, suffix: suffixOf(ref.protocol, ref.tls) }
  const found = sources.upstreams.use(namespace, service, transport, sources.purse)
  return 'reason' in found
    ? {
        upstream: null,
        proven,
        resources: [],
        notes: [unresolvedNote(unresolved(found.reason, `Service ${named}`), at)],
      }
    : { upstream: found.upstream, proven, resources: made.resources, notes: [] }
}

function hostOf(owner: WorldObject, ref: BackendSpec, at: string, sources: BackendSources): Place {
  const { namespace } = owner.meta
  const { outbound, binding } = sources.installation
  const text = ref.url ?? ''
  const url = URL.parse(text)
  const proven = { namespace, url: text, takesTokens: binding(namespace, url?.hostname ?? '') }
  const allowed = outbound(namespace, text)
  if (!url || !allowed) {
    return { upstream: null, proven, resources: [], notes: [note('ResolvedRefs', 'OutboundNotAllowed', `${at}/url`)] }
  }
  const secure = url.protocol === 'https:'
  const tls = { hostname: url.hostname, trust: allowed.trust, subjectAltNames: [], clientCertificate: null }
  const transport: Transport = {
    protocol: ref.protocol,
    tls: secure ? tls : null,
    suffix: suffixOf(ref.protocol, undefined),
  }
  const port = Number(url.port === '' ? (secure ? 443 : 80) : url.port)
  const host = { name: url.hostname, port, addresses: allowed.addresses, authority: url.host, origin: url.origin }
  const found = sources.upstreams.useHost(namespace, host, transport, sources.purse)
  return 'reason' in found
    ? { upstream: null, proven, resources: [], notes: [note('ResolvedRefs', found.reason, at)] }
    : { upstream: found.upstream, proven, resources: [], notes: [] }
}
