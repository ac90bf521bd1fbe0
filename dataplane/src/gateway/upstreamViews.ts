import type { RefusedResource, ResourceSpec } from '@gatehouse/contract'
import type { UpstreamTlsView, UpstreamView } from './gateway.ts'
import type { ChangedNames, Parsed, ParsedResources, ParseResult } from './parse.ts'

/** The upstreams of a snapshot. */
export interface Upstreams {
  /** Without those whose certificates are missing: nothing goes there (M7). */
  readonly views: ReadonlyMap<string, UpstreamView>
  /** Why some are missing, by name. */
  readonly refused: ReadonlyMap<string, RefusedResource>
}

type Spec = ResourceSpec<'upstream'>
type Tls = NonNullable<Spec['tls']>

const nowhere: UpstreamView['addresses'] = []

/** An upstream whose endpoints are missing or unreadable has none. Those that did not change stay the same objects. */
export function upstreamsOf({ parsed, changed }: ParseResult, previous: Upstreams | null): Upstreams {
  const names = changedUpstreams(parsed, changed)
  if (previous && names.size === 0) return previous
  const views = new Map(previous?.views)
  const refused = new Map(previous?.refused)
  for (const name of names) {
    const before = views.get(name) ?? null
    views.delete(name)
    refused.delete(name)
    const upstream = parsed.upstream.get(name)
    if (upstream === undefined) continue
    const tls = tlsOf(upstream, parsed, before?.tls ?? null)
    if (tls !== null && 'reason' in tls) refused.set(name, tls)
    else views.set(name, { spec: upstream.spec, addresses: parsed.endpoints.get(name)?.spec.addresses ?? nowhere, tls })
  }
  return { views, refused }
}

function changedUpstreams({ upstream }: ParsedResources, changed: ChangedNames): ReadonlySet<string> {
  const names = new Set([...changed.upstream, ...changed.endpoints])
  if (changed.trust.size + changed.certificate.size === 0) return names
  for (const [name, { spec }] of upstream) {
    const { trust = null, clientCertificate = null } = spec.tls ?? {}
    const isOther = trust !== null && changed.trust.has(trust)
    if (isOther || (clientCertificate !== null && changed.certificate.has(clientCertificate))) names.add(name)
  }
  return names
}

/** @param before - is taken over where nothing changed, and what is kept for it */
function tlsOf(
  { name, spec }: Parsed<'upstream'>,
  parsed: ParsedResources,
  before: UpstreamTlsView | null,
): UpstreamTlsView | RefusedResource | null {
  const { tls } = spec
  if (tls === null) return null
  const missing = (field: string): RefusedResource => ({
    resource: `upstream/${name}`,
    field: `/tls/${field}`,
    reason: 'MissingReference',
  })
  const trust = tls.trust === null ? null : parsed.trust.get(tls.trust)
  if (trust === undefined) return missing('trust')
  const client = tls.clientCertificate === null ? null : parsed.certificate.get(tls.clientCertificate)
  if (client === undefined) return missing('clientCertificate')
  const key = keyOf(tls, trust?.hash ?? null, client?.hash ?? null)
  if (before?.key === key) return before
  return {
    hostname: tls.hostname.toLowerCase(),
    subjectAltNames: tls.subjectAltNames,
    anchors: trust?.spec.anchors ?? null,
    client: client?.spec ?? null,
    key,
  }
}

/** Of what is trusted and shown, not of the names under which it is kept. */
const keyOf = ({ hostname, subjectAltNames }: Tls, trust: string | null, client: string | null): string =>
  JSON.stringify([hostname, subjectAltNames, trust, client])
