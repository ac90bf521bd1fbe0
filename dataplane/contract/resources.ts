import type { z } from 'zod'
import { backendHeader, tokenKeys } from './backendAuth.ts'
import { certificate, listener, trust } from './listener.ts'
import { credentials, keySet } from './credentials.ts'
import { clientCredential } from './introspection.ts'
import { fleet } from './fleet.ts'
import { installation } from './installation.ts'
import { policy } from './policy.ts'
import { denyList } from './denyList.ts'
import { revocations } from './revocations.ts'
import { quotaStore } from './quotaStore.ts'
import { route } from './route.ts'
import { endpoints, upstream } from './upstream.ts'

/**
 * The language that a data plane executes: everything is resolved, every default is written out, and nothing here
 * speaks of Kubernetes. The controller writes it; a data plane parses it strictly and refuses what it does not know.
 *
 * Names: `installation` is called `installation`, `fleet` `fleet`, `tokenKeys` `tokens`, the `quotaStore` `quota-store`, a `listener` by its own
 * name, `route` and `policy` `namespace/name`, `upstream` and its `endpoints` `namespace/service:port`; all others are free but begin with
 * `namespace/`. A data plane uses the namespace of a route that it cannot read to refuse what might fall through (M7).
 */

/** Every kind of resource and the schema of its `spec`. */
export const resourceSpecs = {
  installation,
  fleet,
  listener,
  certificate,
  trust,
  keySet,
  credentials,
  revocations,
  denyList,
  clientCredential,
  quotaStore,
  endpoints,
  upstream,
  backendHeader,
  tokenKeys,
  policy,
  route,
} as const

export type ResourceKind = keyof typeof resourceSpecs

/** Which kinds hold what must not be read by others: a last good snapshot keeps them apart, or leaves them out. */
const secrecy: { readonly [K in ResourceKind]: boolean } = {
  installation: false,
  fleet: false,
  listener: false,
  certificate: true,
  trust: false,
  keySet: false,
  credentials: true,
  revocations: false,
  denyList: false,
  clientCredential: true,
  quotaStore: true,
  endpoints: false,
  upstream: false,
  backendHeader: true,
  tokenKeys: true,
  policy: false,
  route: false,
}

/** Whether resources of this kind are secret. One that is not known may be. */
export const isSecretKind = (kind: string): boolean => !Object.hasOwn(secrecy, kind) || secrecy[kind as ResourceKind]

export type ResourceSpec<K extends ResourceKind> = z.infer<(typeof resourceSpecs)[K]>

/** A resource of a known kind, parsed. */
export type Resource = { [K in ResourceKind]: { kind: K; name: string; spec: ResourceSpec<K> } }[ResourceKind]
