import type { Account } from './accounts.ts'

/** What ADR 0009 lets a controller do, as the objects that a chart would make. */

const rbac = 'rbac.authorization.k8s.io'
const own = 'gatehouse.dev'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

const read = ['get', 'list', 'watch']

const everywhere: readonly Rule[] = [
  { apiGroups: [own], resources: ['gatehouses', 'gatewayroutes', 'accesspolicies'], verbs: read },
  {
    apiGroups: [own],
    resources: ['gatehouses/status', 'gatewayroutes/status', 'accesspolicies/status'],
    verbs: ['update', 'patch'],
  },
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['referencegrants'], verbs: read },
  { apiGroups: [''], resources: ['services', 'namespaces'], verbs: read },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: read },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
]

const inWatched: readonly Rule[] = [{ apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: read }]

const inOwn = (name: string): readonly Rule[] => [
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: [`${name}-controller`],
    verbs: ['get', 'update'],
  },
  // A name cannot restrict create. Without it nobody would lead once the Lease was deleted.
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
]

const subjects = (accounts: readonly Account[]) =>
  accounts.map(({ namespace, name }) => ({ kind: 'ServiceAccount', namespace, name }))

/** A Role and what binds it to the accounts. */
export function roleIn(
  namespace: string,
  name: string,
  rules: readonly Rule[],
  accounts: readonly Account[],
): readonly object[] {
  const metadata = { namespace, name }
  return [
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: subjects(accounts),
    },
  ]
}

/** Lets the accounts read Secrets and ConfigMaps of a namespace. */
export const watchedRole = (namespace: string, accounts: readonly Account[]): readonly object[] =>
  roleIn(namespace, 'gatehouse-read', inWatched, accounts)

/**
 * Everything that the controllers of an installation may do but for reading Secrets and ConfigMaps, and their Lease as
 * it is before the first leader.
 *
 * @param name - of the Gatehouse
 */
export function installationRoles(namespace: string, name: string, accounts: readonly Account[]): readonly object[] {
  const metadata = { name: `${name}-controller` }
  return [
    ...accounts.map((account) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: account.namespace, name: account.name },
    })),
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules: everywhere },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name },
      subjects: subjects(accounts),
    },
    ...roleIn(namespace, metadata.name, inOwn(name), accounts),
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name: metadata.name } },
  ]
}
