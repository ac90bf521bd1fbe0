import type { GatehouseSpec } from '@gatehouse/crds'
import type { Resource, ResourceSpec } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { Note } from './findings.ts'
import type { CompileOptions, HostPort } from './options.ts'
import { everywhere, soundRanges } from './ranges.ts'
import { unresolvedNote, type References } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'
import { trustBundle } from './trust.ts'

export type ListenerSpec = GatehouseSpec['listeners'][number]
type TlsSpec = NonNullable<ListenerSpec['tls']>
type Tls = NonNullable<ResourceSpec<'listener'>['tls']>

/** A listener as routes see it. */
export interface ListenerView {
  readonly spec: ListenerSpec
  /** False when it has no certificate to answer with: nobody can connect. True in a folder that only lacks it. */
  readonly open: boolean
  readonly notes: readonly Note[]
  readonly resources: readonly Sealed[]
  /** Keys of what the listener needs; none when nobody can connect. */
  readonly keys: readonly string[]
}

/** What listeners are made from beside their own text. */
export interface ListenerSources {
  readonly gatehouse: WorldObject
  readonly references: References
  readonly options: CompileOptions
}

interface Made<T> {
  readonly value: T
  readonly notes: readonly Note[]
  readonly resources: readonly Sealed[]
}

/** Certificate references that do not resolve are left out; the names of the rest, in order. */
function certificates(refs: TlsSpec['certificateRefs'], at: string, sources: ListenerSources): Made<string[]> {
  const { namespace } = sources.gatehouse.meta
  const names = new Set<string>()
  const notes: Note[] = []
  const resources: Sealed[] = []
  refs.forEach((ref, index) => {
    const where = ref.namespace ?? namespace
    const found = sources.references.keyPair(where, ref.name)
    if (!found.ok) {
      notes.push(unresolvedNote(found, `${at}/${index}`))
      return
    }
    const name = `${where}/${ref.name}`
    const { chain, privateKey, secret } = found.value
    names.add(name)
    resources.push(sealOnce(secret, { kind: 'certificate', name, spec: { chain, privateKey } }))
  })
  return { value: [...names], notes, resources }
}

function clientCertificate(
  spec: ListenerSpec,
  at: string,
  { gatehouse, references }: ListenerSources,
): Made<Tls['clientCertificate']> {
  const { mode, caCertificateRefs } = spec.tls?.clientCertificate ?? { mode: 'Off' as const, caCertificateRefs: [] }
  if (mode === 'Off') return { value: { mode, trust: null }, notes: [], resources: [] }
  const { namespace } = gatehouse.meta
  const { anchors, notes } = trustBundle(references, namespace, caCertificateRefs ?? [], `${at}/caCertificateRefs`)
  const trust = `${namespace}/${gatehouse.meta.name}/listeners/${spec.name}`
  const resource: Resource = { kind: 'trust', name: trust, spec: { anchors: [...anchors] } }
  return { value: { mode, trust }, notes, resources: [sealOnce(gatehouse, resource)] }
}

function tlsOf(spec: ListenerSpec, at: string, sources: ListenerSources): Made<Tls | null> {
  if (!spec.tls) return { value: null, notes: [], resources: [] }
  const own = certificates(spec.tls.certificateRefs, `${at}/certificateRefs`, sources)
  const client = clientCertificate(spec, `${at}/clientCertificate`, sources)
  return {
    value: { certificates: own.value, minVersion: spec.tls.minVersion, clientCertificate: client.value },
    notes: [...own.notes, ...client.notes],
    resources: [...own.resources, ...client.resources],
  }
}

/** Where a listener binds: where it says, or where the first of its protocol was moved to with all of its port. */
function placeOf(spec: ListenerSpec, all: readonly ListenerSpec[], options: CompileOptions): HostPort {
  const moved = options.listen[spec.protocol]
  const first = all.find(({ protocol }) => protocol === spec.protocol)
  return moved && first?.port === spec.port ? moved : { address: options.address, port: spec.port }
}

function viewOf(spec: ListenerSpec, index: number, place: HostPort, sources: ListenerSources): ListenerView {
  const at = `/spec/listeners/${index}`
  const tls = tlsOf(spec, `${at}/tls`, sources)
  const ranges = (key: 'trustedCIDRs' | 'clusterCIDRs') =>
    soundRanges(spec.clientAddress?.[key] ?? [], `${at}/clientAddress/${key}`)
  const [trusted, cluster] = [ranges('trustedCIDRs'), ranges('clusterCIDRs')]
  // Where one cannot be read, nobody knows whom the others leave out.
  const clusterCIDRs = cluster.notes.length > 0 ? everywhere : cluster.ranges
  const notes = [...tls.notes, ...trusted.notes, ...cluster.notes]
  const answers = tls.value === null || tls.value.certificates.length > 0
  const open = answers || notes.some(({ reason }) => reason === 'NotInFolder')
  const resource: Resource = {
    kind: 'listener',
    name: spec.name,
    spec: {
      address: place.address,
      port: place.port,
      protocol: spec.protocol,
      hostname: spec.hostname ?? null,
      tls: tls.value,
      plaintextCredentials: spec.plaintextCredentials,
      clientAddress: {
        trustedCIDRs: [...trusted.ranges],
        header: spec.clientAddress?.header ?? 'XForwardedFor',
        clusterCIDRs: [...clusterCIDRs],
        proxyProtocol: spec.clientAddress?.proxyProtocol ?? 'Off',
      },
      connections: { max: spec.connections.max, perClient: spec.connections.perClient ?? null },
    },
  }
  const resources = [...tls.resources, sealOnce(sources.gatehouse, resource)]
  return { spec, open, notes, resources, keys: answers ? resources.map(({ key }) => key) : [] }
}

/**
 * The listeners of an installation. One without any certificate that resolves is closed: alone on its port, the socket
 * too; beside others it keeps its hostname, which no other listener of the port may answer in its place. One whose client
 * CAs do not resolve stays, and trusts nobody.
 */
export function listenersOf(specs: readonly ListenerSpec[], sources: ListenerSources): readonly ListenerView[] {
  const views = specs.map((spec, index) => viewOf(spec, index, placeOf(spec, specs, sources.options), sources))
  const answering = new Set(views.flatMap(({ spec, keys }) => (keys.length > 0 ? [spec.port] : [])))
  return views.map((view) => (answering.has(view.spec.port) ? view : { ...view, resources: [] }))
}
