import type { GatehouseSpec } from '@gatehouse/crds'
import type { ResourceSpec } from '@gatehouse/contract'
import { objectKey, type World, type WorldObject } from '../world.ts'
import type { AuthSources } from './backendAuth.ts'
import { milliseconds, timerOf } from './durations.ts'
import type { NamespaceBounds } from './budget.ts'
import { note, type Note } from './findings.ts'
import { listenersOf, type ListenerView } from './listeners.ts'
import type { CompileOptions, InstallationRef } from './options.ts'
import { outboundOf, outboundTrust, type Outbound } from './outbound.ts'
import { issuePlaces, parsedGatehouse } from './parsed.ts'
import { bytesOf } from './quantities.ts'
import { quotaStoreOf, type StoreView } from './quotaStore.ts'
import { restrictingRanges } from './ranges.ts'
import type { References } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'
import { bindingOf, tenancyOf, type Tenancy } from './tenancy.ts'
import { tokenKeysOf, tokenKeysResource } from './tokenKeys.ts'
import { trustBundle } from './trust.ts'

type InstallationSpec = ResourceSpec<'installation'>

/** What an installation gives its routes and policies. */
export interface Installation {
  /** null when there is no such object. */
  readonly object: WorldObject | null
  /** null when the object is missing or cannot be read. */
  readonly listeners: readonly ListenerView[] | null
  readonly tenancy: Tenancy
  /** Which hosts are bound to whom by name. */
  readonly binding: Tenancy
  readonly outbound: Outbound
  readonly identityHeaders: ReadonlySet<string>
  /** Whether there are keys to sign requests to backends with; else the reason why not. */
  readonly signing: AuthSources['signing']
  /** Milliseconds; 0 = no bound. */
  readonly maxTimeout: number
  /** Of a request; 0 = none. */
  readonly maxRetries: number
  /** Of bodies, bytes. */
  readonly maxBodySize: number
  readonly perNamespace: NamespaceBounds
  /** Whether there is a store to count together in. */
  readonly quotaStore: StoreView['state']
  readonly resources: readonly Sealed[]
  /** Of the object as a whole. */
  readonly notes: readonly Note[]
}

/** Sorted, each once, so that the order in which they were found does not show. */
const deniedBy = ({ deniedAddresses }: CompileOptions): string[] => [...new Set(deniedAddresses)].sort()

/** The settings when there is nothing to go by: nobody may serve or fetch anything. */
const nothing = (options: CompileOptions): InstallationSpec => ({
  defaultAccess: 'Deny',
  identityHeaders: [],
  tenancy: 'Shared',
  hosts: [],
  outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: deniedBy(options) },
  maxBodySize: 0,
  parallelRequests: 0,
  quotaKeys: 0,
  lastGood: { secrets: 'Omit', maxAge: 0 },
  usage: null,
})

const sealedSettings = (owner: WorldObject | null, spec: InstallationSpec): Sealed =>
  sealOnce(owner, { kind: 'installation', name: 'installation', spec })

const closed = (object: WorldObject | null, notes: readonly Note[], options: CompileOptions): Installation => ({
  object,
  listeners: null,
  tenancy: () => true,
  binding: () => false,
  outbound: () => null,
  identityHeaders: new Set(),
  signing: 'NoTokenKeys',
  maxTimeout: 0,
  maxRetries: 0,
  maxBodySize: 0,
  perNamespace: { routeBytes: 0, policyBytes: 0 },
  quotaStore: 'none',
  resources: [sealedSettings(object, nothing(options))],
  notes,
})

/** The authorities of the hosts that are fetched from. */
function outboundTrusts(
  gatehouse: WorldObject,
  hosts: NonNullable<GatehouseSpec['outbound']['allowedHosts']>,
  references: References,
): { readonly resources: readonly Sealed[]; readonly notes: readonly Note[] } {
  const resources: Sealed[] = []
  const notes: Note[] = []
  hosts.forEach((host, index) => {
    const name = outboundTrust(objectKey(gatehouse.meta), host)
    if (name === null) return
    const at = `/spec/outbound/allowedHosts/${index}/caCertificateRefs`
    const bundle = trustBundle(references, gatehouse.meta.namespace, host.caCertificateRefs ?? [], at)
    resources.push(sealOnce(gatehouse, { kind: 'trust', name, spec: { anchors: [...bundle.anchors] } }))
    notes.push(...bundle.notes)
  })
  return { resources, notes }
}

function open(object: WorldObject, spec: GatehouseSpec, references: References, options: CompileOptions): Installation {
  const { outbound, identityHeaders = [] } = spec
  const { maxTimeout, maxRetries, perNamespace } = spec.bounds
  const listeners = listenersOf(spec.listeners, { gatehouse: object, references, options })
  const trusts = outboundTrusts(object, outbound.allowedHosts ?? [], references)
  const store = quotaStoreOf(object, spec, references)
  const pods = restrictingRanges(outbound.podCIDRs ?? [], '/spec/outbound/podCIDRs')
  const settings: InstallationSpec = {
    defaultAccess: 'Deny',
    identityHeaders: identityHeaders.map((name) => name.toLowerCase()).sort(),
    tenancy: spec.tenancy,
    hosts: (spec.hosts ?? []).map(({ pattern, namespaces }) => ({ pattern, namespaces })),
    outbound: {
      podCIDRs: [...pods.ranges],
      allowLoopback: outbound.allowLoopback,
      deniedAddresses: deniedBy(options),
    },
    maxBodySize: bytesOf(spec.bounds.maxBodySize),
    parallelRequests: perNamespace.parallelRequests,
    quotaKeys: perNamespace.quotaKeys,
    lastGood: { secrets: spec.lastGood.secrets, maxAge: milliseconds(spec.lastGood.maxAge) },
    usage: spec.usage?.path ?? null,
  }
  return {
    object,
    listeners,
    tenancy: tenancyOf(spec),
    binding: bindingOf(spec),
    outbound: outboundOf(objectKey(object.meta), outbound),
    identityHeaders: new Set(settings.identityHeaders),
    signing: options.folder ? 'NotInFolder' : 'NoTokenKeys',
    maxTimeout: timerOf(maxTimeout),
    maxRetries,
    maxBodySize: settings.maxBodySize,
    perNamespace: { routeBytes: bytesOf(perNamespace.routeBytes), policyBytes: bytesOf(perNamespace.policyBytes) },
    quotaStore: store.state,
    resources: [
      sealedSettings(object, settings),
      ...trusts.resources,
      ...store.resources,
      ...listeners.flatMap(({ resources }) => resources),
    ],
    notes: [...trusts.notes, ...store.notes, ...pods.notes],
  }
}

/**
 * Compiles the Gatehouse. One that is missing or cannot be read has no listener, so every socket is closed: without it
 * nobody knows who may serve what.
 */
export function installationOf(
  world: World,
  ref: InstallationRef,
  references: References,
  options: CompileOptions,
): Installation {
  const object = world.Gatehouse.get(`${ref.namespace}/${ref.name}`)
  if (!object) return closed(null, [], options)
  const parsed = parsedGatehouse(object)
  if (!parsed.ok) return closed(object, [note('Accepted', 'Invalid', ...issuePlaces(parsed.issues))], options)
  const opened = open(object, parsed.spec, references, options)
  const signing = tokenKeysOf(world.Secret, ref)
  if (signing === null) return opened
  const keys = sealOnce(signing.secret, tokenKeysResource(ref, signing.keys))
  return { ...opened, signing: 'ready', resources: [...opened.resources, keys] }
}
