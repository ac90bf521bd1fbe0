import { group, type GatewayRouteSpec } from '@gatehouse/crds'
import type { World } from '../world.ts'
import { note, placeWith, type Note } from './findings.ts'
import { overlaps } from './hostnames.ts'
import { matchesLabels } from './labels.ts'
import type { ListenerView } from './listeners.ts'
import type { InstallationRef } from './options.ts'
import type { ConditionReason } from './reasons.ts'
import type { ParentVerdict } from './verdict.ts'

type ParentRef = NonNullable<GatewayRouteSpec['parentRefs']>[number]

/** One parent of a route, as far as it concerns this installation. */
export interface Parent {
  readonly ref: ParentVerdict['ref']
  /** Open listeners that serve the route; none when `notes` says why not. */
  readonly listeners: readonly ListenerView[]
  readonly notes: readonly Note[]
}

/** What parents are resolved against. */
export interface ParentSources {
  readonly world: World
  readonly installation: InstallationRef
  /** null when the Gatehouse cannot be read. */
  readonly listeners: readonly ListenerView[] | null
  readonly folder: boolean
}

function admits(listener: ListenerView, namespace: string, { world, installation }: ParentSources): boolean {
  const { from, selector } = listener.spec.allowedRoutes.namespaces
  if (from === 'All') return true
  if (from === 'Same') return namespace === installation.namespace
  const labels = world.Namespace.get(namespace)?.meta.labels
  return labels !== undefined && selector !== undefined && matchesLabels(labels, selector.matchLabels)
}

/** In a folder the labels of a namespace may simply not be there. */
const cannotTell = (listeners: readonly ListenerView[], namespace: string, { world, folder }: ParentSources): boolean =>
  folder &&
  !world.Namespace.has(namespace) &&
  listeners.some(({ spec }) => spec.allowedRoutes.namespaces.from === 'Selector')

const serves = (listener: ListenerView, hostnames: readonly string[]): boolean => {
  const { hostname } = listener.spec
  return hostname === undefined || hostnames.some((one) => overlaps(hostname, one))
}

/** The listeners that serve these hosts of this namespace, or why none does. */
function listenersFor(
  sectionName: string | undefined,
  namespace: string,
  hostnames: readonly string[],
  sources: ParentSources,
): readonly ListenerView[] | ConditionReason {
  if (!sources.listeners) return 'ListenerNotReady'
  const named = sources.listeners.filter(({ spec }) =>
    sectionName === undefined ? spec.default : spec.name === sectionName,
  )
  if (named.length === 0) return 'NoMatchingParent'
  const admitting = named.filter((listener) => admits(listener, namespace, sources))
  if (admitting.length === 0) return cannotTell(named, namespace, sources) ? 'NotInFolder' : 'NotAllowedByListeners'
  const serving = admitting.filter((listener) => serves(listener, hostnames))
  if (serving.length === 0) return 'NoMatchingListenerHostname'
  const open = serving.filter((listener) => listener.open)
  return open.length === 0 ? 'ListenerNotReady' : open
}

const ownRef = ({ namespace, name }: InstallationRef): ParentVerdict['ref'] => ({
  group,
  kind: 'Gatehouse',
  namespace,
  name,
})

const refOf = ({ kind, namespace, name, sectionName }: ParentRef): ParentVerdict['ref'] => ({
  group,
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
  ...(sectionName === undefined ? {} : { sectionName }),
})

const refused = (ref: ParentVerdict['ref'], reason: ConditionReason, at: string): Parent => ({
  ref,
  listeners: [],
  notes: [note('Accepted', reason, at)],
})

/** A parent that is this installation, as `parentRefs` says or because there is no other. */
function own(
  ref: ParentVerdict['ref'],
  route: { readonly namespace: string; readonly hostnames: readonly string[] },
  at: string,
  sources: ParentSources,
): Parent {
  const found = listenersFor(ref.sectionName, route.namespace, route.hostnames, sources)
  return typeof found === 'string' ? refused(ref, found, at) : { ref, listeners: found, notes: [] }
}

/** The parent of a route whose parentRefs cannot be read: every listener that would serve it. */
export function anyListener(
  route: { readonly namespace: string; readonly hostnames: readonly string[] },
  sources: ParentSources,
): Parent {
  const listeners = (sources.listeners ?? []).filter(
    (listener) => listener.open && admits(listener, route.namespace, sources) && serves(listener, route.hostnames),
  )
  return { ref: ownRef(sources.installation), listeners, notes: [] }
}

/**
 * The parents of a route that concern this installation. One that names another installation is that one's matter,
 * one that names none at all is everybody's, since nobody else would say so.
 *
 * @param hostnames - those that the namespace may serve
 */
export function parentsOf(
  parentRefs: readonly ParentRef[] | undefined,
  route: { readonly namespace: string; readonly hostnames: readonly string[] },
  sources: ParentSources,
): readonly Parent[] {
  const { world, installation, folder } = sources
  const self = `${installation.namespace}/${installation.name}`
  const absent = folder ? 'NotInFolder' : 'NoMatchingParent'
  if (parentRefs === undefined) {
    const ref = ownRef(installation)
    if (world.Gatehouse.size > 1) return [refused(ref, 'ParentRequired', '/spec/parentRefs')]
    if (world.Gatehouse.size === 0) return [refused(ref, absent, placeWith('/spec/parentRefs', 'a Gatehouse'))]
    return world.Gatehouse.has(self) ? [own(ref, route, '/spec/parentRefs', sources)] : []
  }
  return parentRefs.flatMap((parentRef, index) => {
    const key = `${parentRef.namespace ?? route.namespace}/${parentRef.name}`
    const at = `/spec/parentRefs/${index}`
    if (!world.Gatehouse.has(key)) return [refused(refOf(parentRef), absent, placeWith(at, `Gatehouse ${key}`))]
    return key === self ? [own(refOf(parentRef), route, at, sources)] : []
  })
}
