import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readableRanges } from '../address.ts'
import { fingerprintsOf } from '../policy/mtls.ts'
import type { AdmissionListener, AdmissionTable, PlainSocket } from './admissionTable.ts'
import { noTrust, type AddressTrust } from './clientAddress.ts'
import type { TrustByHost } from './form.ts'
import type { Parsed, ParsedResources } from './parse.ts'
import type { Router } from './router.ts'
import type { RulePlan } from './rulePlan.ts'
import { createSelector, type Presentable, type Selector } from './serverName.ts'
import { socketOf } from './socket.ts'

/** A listener without its routes. */
export type ListenerView = Omit<AdmissionListener, 'router'>

/** Leaves by hash of their `certificate` resource; null = it cannot be presented. */
export type LeafMemo = ReadonlyMap<string, X509Certificate | null>

export interface ListenerViews {
  readonly views: readonly ListenerView[]
  readonly leaves: LeafMemo
}

/** @param memo - of the snapshot before: a certificate that is the same is not read again */
export function listenerViews(parsed: ParsedResources, memo: LeafMemo | null): ListenerViews {
  const leaves = new Map<string, X509Certificate | null>()
  const leafOf = ({ hash, spec }: Parsed<'certificate'>): X509Certificate | null => {
    const leaf = leaves.get(hash) ?? memo?.get(hash) ?? readLeaf(spec)
    leaves.set(hash, leaf)
    return leaf
  }
  const presentable = (name: string): Presentable[] => {
    const certificate = parsed.certificate.get(name)
    const leaf = certificate === undefined ? null : leafOf(certificate)
    return leaf === null ? [] : [{ name, leaf }]
  }
  const views = [...parsed.listener.values()].map(({ name, spec }): ListenerView => ({
    name,
    hostname: spec.hostname,
    spec,
    certificates: (spec.tls?.certificates ?? []).flatMap(presentable),
    trust: addressTrust(spec.clientAddress),
    ...clientTrust(spec.tls, parsed),
  }))
  return { views, leaves }
}

const addressTrust = (spec: ListenerView['spec']['clientAddress']): AddressTrust => ({
  trusted: readableRanges(spec.trustedCIDRs),
  field: spec.header === 'Forwarded' ? 'forwarded' : 'x-forwarded-for',
  cluster: readableRanges(spec.clusterCIDRs),
})

/** @returns null when chain and key are unreadable or do not belong together: such a certificate is never presented */
function readLeaf({ chain, privateKey }: Parsed<'certificate'>['spec']): X509Certificate | null {
  try {
    const leaf = new X509Certificate(chain)
    return leaf.checkPrivateKey(createPrivateKey(privateKey)) ? leaf : null
  } catch {
    return null
  }
}

type ClientTrust = Pick<ListenerView, 'trustHash' | 'anchors'>

const nobody: ReadonlySet<string> = new Set()

/** No connection has the empty hash: where the trust is missing, none fits. */
function clientTrust(tls: ListenerView['spec']['tls'], parsed: ParsedResources): ClientTrust {
  if (tls === null || tls.clientCertificate.mode === 'Off') return { trustHash: null, anchors: nobody }
  const trust = parsed.trust.get(tls.clientCertificate.trust ?? '')
  return trust === undefined ? { trustHash: '', anchors: nobody } : { trustHash: trust.hash, anchors: anchorsOf(trust) }
}

const anchorsByTrust = new WeakMap<Parsed<'trust'>, ReadonlySet<string>>()

/** A resource that has not changed is the same object in the next snapshot. */
function anchorsOf(trust: Parsed<'trust'>): ReadonlySet<string> {
  let anchors = anchorsByTrust.get(trust)
  if (anchors === undefined) anchorsByTrust.set(trust, (anchors = readAnchors(trust)))
  return anchors
}

function readAnchors({ spec }: Parsed<'trust'>): ReadonlySet<string> {
  try {
    return fingerprintsOf(spec.anchors)
  } catch {
    return nobody
  }
}

/** One selector for all listeners of one socket, by name of each of them; and the sockets without TLS. */
export function socketsOf(listeners: readonly AdmissionListener[]): Pick<AdmissionTable, 'selectors' | 'plain'> {
  const selectors = new Map<string, Selector<AdmissionListener>>()
  const plain = new Map<string, PlainSocket>()
  for (const [socket, sharing] of Map.groupBy(listeners, ({ spec }) => socketOf(spec))) {
    const select = createSelector(sharing)
    for (const { name } of sharing) selectors.set(name, select)
    if (sharing[0]?.spec.protocol === 'HTTP') plain.set(socket, { select, trust: trustOf(sharing, select) })
  }
  return { selectors, plain }
}

/** Whom the listener of a host believes; nobody is asked which it is where there is only one. */
const trustOf = (sharing: readonly AdmissionListener[], select: Selector<AdmissionListener>): TrustByHost =>
  sharing.length === 1 ? sharing[0]!.trust : (host) => select(host)?.listener.trust ?? noTrust

export const withRouter = (view: ListenerView, router: Router<RulePlan>): AdmissionListener => ({ ...view, router })
