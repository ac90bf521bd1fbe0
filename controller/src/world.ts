import type { Json } from '@gatehouse/contract'

/** What every Kubernetes object says of itself, as far as the compiler looks. */
export interface ObjectMeta {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** The types of Secrets, by their use: no other Secret may be used (M12), so no other one is ever read. */
export const secretTypes = {
  apiKeys: 'gatehouse.dev/api-keys',
  backendHeader: 'gatehouse.dev/backend-header',
  caCertificates: 'gatehouse.dev/ca-certificates',
  certificate: 'kubernetes.io/tls',
  introspectionClient: 'gatehouse.dev/introspection-client',
  quotaStore: 'gatehouse.dev/quota-store',
  tokenKeys: 'gatehouse.dev/token-keys',
} as const

/** The kinds that the controller watches. */
export type WorldKind =
  | 'Gatehouse'
  | 'GatewayRoute'
  | 'AccessPolicy'
  | 'Service'
  | 'EndpointSlice'
  | 'Secret'
  | 'ConfigMap'
  | 'Namespace'
  | 'ReferenceGrant'

/**
 * An object as the API server gave it: the body beside the metadata is raw JSON and is parsed strictly by whoever reads
 * it, so that an object older than its schema costs only itself.
 */
export interface WorldObject {
  readonly kind: WorldKind
  readonly meta: ObjectMeta
  /** The whole object without `managedFields`. Data of Secrets is base64, as in the API. */
  readonly raw: { readonly [key: string]: Json }
  /**
   * The object as it was last seen: content as in `raw`, with the newest status and resourceVersion. It alone changes in
   * place, because nothing is compiled from a status: what was made of the object stays good.
   */
  readonly seen: { raw: WorldObject['raw'] }
}

/** Everything known of the cluster: plain maps by kind, then by `namespace/name` (`name` for Namespaces). */
export type World = { readonly [K in WorldKind]: ReadonlyMap<string, WorldObject> } & {
  /** The namespaces whose Secrets and ConfigMaps are read; null = all. Of others it is not known what they hold. */
  readonly watched: ReadonlySet<string> | null
}

/** Whether Secrets and ConfigMaps of this namespace are read, so that one that is missing does not exist. */
export const isWatched = ({ watched }: World, namespace: string): boolean => watched === null || watched.has(namespace)

/** The key of an object in its map. */
export const objectKey = (meta: { readonly namespace: string; readonly name: string }): string =>
  meta.namespace === '' ? meta.name : `${meta.namespace}/${meta.name}`

const isNumber = (version: string): boolean => /^\d{1,20}$/.test(version)

/**
 * Whether one version of an object is later than another. Versions of one kind grow (KEP-5504); of one that is no number
 * nothing is known, and the answer is false.
 */
export const isLater = (version: string, other: string): boolean =>
  isNumber(version) && isNumber(other) && BigInt(version) > BigInt(other)

/** Where a world comes from: the API server, or a folder. */
export interface WorldSource {
  /**
   * Begins to follow. Once the world is complete `changed` is called after each change of content, and `restated` after
   * one that only a status saw.
   */
  start(changed: () => void, restated: () => void): void
  /** The world now; null until every kind has been listed once. */
  world(): World | null
  /** Reads everything anew. Resolves when the world is at least as new as this call, and on `close`. */
  relist(): Promise<void>
  close(): Promise<void>
}
