import { createHash } from 'node:crypto'
import type { ResourceSpec } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { BackendSpec } from './backends.ts'
import { frameBytes } from './budget.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import type { Purse } from './purse.ts'
import { unresolvedNote, type References, type Resolved } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'

export type TlsSpec = NonNullable<BackendSpec['tls']>
type ContractTls = NonNullable<ResourceSpec<'upstream'>['tls']>

/** How a backend is spoken to. */
export interface Transport {
  readonly protocol: ResourceSpec<'upstream'>['protocol']
  /** null = plain text. */
  readonly tls: ContractTls | null
  /** Tells upstreams of one Service apart that are spoken to in different ways; empty for plain HTTP/1.1. */
  readonly suffix: string
}

/** The TLS of a backend; nothing when a part of it cannot be had: then the backend is not spoken to at all. */
export interface MadeTls {
  readonly tls: ContractTls | null
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

/** What TLS is made from beside its own text. */
export interface TlsSources {
  /** The route. */
  readonly owner: WorldObject
  /** Those of routes. */
  readonly references: References
  readonly purse: Purse
}

const maxAnchors = 64

/** The same for the same text. */
const hashOf = memoised((tls: TlsSpec): string =>
  createHash('sha256').update(JSON.stringify(tls)).digest('hex').slice(0, 12),
)

/** @see Transport */
export const suffixOf = (protocol: Transport['protocol'], tls: TlsSpec | undefined): string =>
  (protocol === 'HTTP1' ? '' : `;${protocol}`) + (tls ? `;${hashOf(tls)}` : '')

/** @param at - JSON pointer to the settings */
export function tlsOf(spec: TlsSpec, at: string, sources: TlsSources): MadeTls {
  const { namespace } = sources.owner.meta
  const trust = spec.caCertificateRefs ? trustOf(spec.caCertificateRefs, at, sources) : null
  const client = spec.clientCertificateRef
    ? clientOf(spec.clientCertificateRef, `${at}/clientCertificateRef`, sources)
    : null
  const made = [trust, client].filter((one) => one !== null)
  const notes = made.flatMap((one) => ('notes' in one ? one.notes : []))
  const resources = made.flatMap((one) => ('notes' in one ? [] : [one]))
  if (notes.length > 0) return { tls: null, resources: [], notes }
  const fits = resources.every(({ key, bytes }) => sources.purse.payOnce(key, bytes + frameBytes(namespace)))
  if (!fits) return { tls: null, resources: [], notes: [note('ResolvedRefs', 'BudgetExceeded', at)] }
  const nameOf = (one: typeof trust): string | null => (one && !('notes' in one) ? one.resource.name : null)
  const tls = {
    hostname: spec.hostname,
    trust: nameOf(trust),
    subjectAltNames: (spec.subjectAltNames ?? []).map(nameIn),
    clientCertificate: nameOf(client),
  }
  return { tls, resources, notes: [] }
}

type Made = Sealed | { readonly notes: readonly Note[] }

const nameIn = ({
  hostname,
  uri,
}: NonNullable<TlsSpec['subjectAltNames']>[number]): ContractTls['subjectAltNames'][number] =>
  hostname === undefined ? { type: 'URI', uri: uri ?? '' } : { type: 'Hostname', hostname }

/** One authority that cannot be had is one fault: with the others alone it might be another backend that is believed. */
function trustOf(refs: NonNullable<TlsSpec['caCertificateRefs']>, at: string, { owner, references }: TlsSources): Made {
  const { namespace } = owner.meta
  const list = `${at}/caCertificateRefs`
  const found = refs.map((ref): Resolved<readonly string[]> => {
    const where = ref.namespace ?? namespace
    return ref.kind === 'Secret' ? references.secretAnchors(where, ref.name) : references.anchors(where, ref.name)
  })
  const notes = found.flatMap((one, index) => (one.ok ? [] : [unresolvedNote(one, `${list}/${index}`)]))
  if (notes.length > 0) return { notes }
  const anchors = [...new Set(found.flatMap((one) => (one.ok ? one.value : [])))]
  if (anchors.length > maxAnchors) return { notes: [note('ResolvedRefs', 'InvalidCertificate', list)] }
  const names = refs.map((ref) => `${ref.kind}/${ref.namespace ?? namespace}/${ref.name}`)
  const name = `${namespace}/backends/${createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 12)}`
  return sealOnce(owner, { kind: 'trust', name, spec: { anchors } })
}

function clientOf(
  ref: NonNullable<TlsSpec['clientCertificateRef']>,
  at: string,
  { owner, references }: TlsSources,
): Made {
  const { namespace } = owner.meta
  const where = ref.namespace ?? namespace
  const found = references.keyPair(where, ref.name)
  if (!found.ok) return { notes: [unresolvedNote(found, at)] }
  const { chain, privateKey, secret } = found.value
  // A name of its own: the same Secret may serve a listener, which it must outlive there.
  const name = `${namespace}/clients/${where}/${ref.name}`
  return sealOnce(secret, { kind: 'certificate', name, spec: { chain, privateKey } })
}
