import type { Json } from '@gatehouse/contract'
import { group, version } from '@gatehouse/crds'
import { objectKey, type ObjectMeta, type World, type WorldKind, type WorldObject } from '../world.ts'
import { integerOf, member, membersOf, textOf } from './raw.ts'

/** The API of each kind, and whether its objects live in a namespace. */
const kinds: { readonly [K in WorldKind]: { readonly apiVersion: string; readonly namespaced: boolean } } = {
  Gatehouse: { apiVersion: `${group}/${version}`, namespaced: true },
  GatewayRoute: { apiVersion: `${group}/${version}`, namespaced: true },
  AccessPolicy: { apiVersion: `${group}/${version}`, namespaced: true },
  Service: { apiVersion: 'v1', namespaced: true },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', namespaced: true },
  Secret: { apiVersion: 'v1', namespaced: true },
  ConfigMap: { apiVersion: 'v1', namespaced: true },
  Namespace: { apiVersion: 'v1', namespaced: false },
  ReferenceGrant: { apiVersion: 'gateway.networking.k8s.io/v1beta1', namespaced: true },
}

const isWorldKind = (kind: string): kind is WorldKind => Object.hasOwn(kinds, kind)

const texts = (value: Json | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(membersOf(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))

/** How old objects are: as their metadata says, or all equally, as in a folder. */
export type Ages = 'FromMetadata' | 'Equal'

function createdOf(metadata: Json | undefined, ages: Ages): number {
  const created = ages === 'Equal' ? NaN : Date.parse(textOf(member(metadata, 'creationTimestamp')) ?? '')
  return Number.isNaN(created) ? 0 : created
}

const isNameOf = (text: string | undefined, longest: number): text is string =>
  text !== undefined && text.length >= 1 && text.length <= longest

function metaOf(metadata: Json | undefined, namespaced: boolean, ages: Ages): ObjectMeta | null {
  const name = textOf(member(metadata, 'name'))
  const namespace = namespaced ? (textOf(member(metadata, 'namespace')) ?? 'default') : ''
  if (!isNameOf(name, 253) || (namespaced && !isNameOf(namespace, 63))) return null
  return {
    namespace,
    name,
    uid: textOf(member(metadata, 'uid')) ?? '',
    resourceVersion: textOf(member(metadata, 'resourceVersion')) ?? '',
    generation: integerOf(member(metadata, 'generation')) ?? 1,
    created: createdOf(metadata, ages),
    labels: texts(member(metadata, 'labels')),
    annotations: texts(member(metadata, 'annotations')),
  }
}

/**
 * The object that a document describes; null when it is of no kind that Gatehouse looks at, or
 * has no name that an API server would give.
 *
 * @param document - a Kubernetes object as JSON, as the API server would store it
 */
export function worldObjectOf(document: Json, ages: Ages): WorldObject | null {
  const kind = textOf(member(document, 'kind'))
  if (kind === undefined || !isWorldKind(kind) || member(document, 'apiVersion') !== kinds[kind].apiVersion) return null
  const meta = metaOf(member(document, 'metadata'), kinds[kind].namespaced, ages)
  const raw = document as WorldObject['raw']
  return meta && { kind, meta, raw, seen: { raw } }
}

/**
 * The world of these documents. A later document of the same kind and name replaces an earlier one.
 *
 * @param watched - the namespaces whose Secrets and ConfigMaps are read; null = all
 */
export function worldOf(documents: Iterable<Json>, ages: Ages, watched: World['watched'] = null): World {
  const empty = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, new Map<string, WorldObject>()]))
  const world = empty as { [K in WorldKind]: Map<string, WorldObject> }
  for (const document of documents) {
    const object = worldObjectOf(document, ages)
    if (object) world[object.kind].set(objectKey(object.meta), object)
  }
  return { ...world, watched }
}
