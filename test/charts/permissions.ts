import { release } from './helm.ts'

/** Who asks: a ServiceAccount of the release's namespace, or a person with one of the ClusterRoles. */
export type Who = 'controller' | 'dataplane' | 'certs' | 'platform' | 'team' | 'auditor'

export const person = (who: Who): boolean => ['platform', 'team', 'auditor'].includes(who)
export const userOf = (who: Who): string =>
  person(who) ? who : `system:serviceaccount:${release.namespace}:${release.name}-${who}`

const own = 'gatehouse.dev'
const everywhere = ['gatehouse-system', 'shop', 'other']

/** What each may do, as `verb resource[/subresource][.group] [namespace[/name]]`; beside each line stands what is like it and may not be done. */
export const permissions: Readonly<Record<Who, { readonly yes: readonly string[]; readonly no: readonly string[] }>> = {
  controller: {
    yes: [
      ...everywhere.flatMap((at) => [`watch gatewayroutes.${own} ${at}`, `list services ${at}`]),
      `watch endpointslices.discovery.k8s.io other`,
      `watch referencegrants.gateway.networking.k8s.io other`,
      `get customresourcedefinitions.apiextensions.k8s.io`,
      `list namespaces`,
      `patch gatewayroutes/status.${own} other`,
      `update accesspolicies/status.${own} other`,
      `create events.events.k8s.io other`,
      `create tokenreviews.authentication.k8s.io`,
      'watch secrets shop',
      'list configmaps gatehouse-system',
      'update secrets gatehouse-system/edge-push-authority',
      'update leases.coordination.k8s.io gatehouse-system/edge-controller',
      'create leases.coordination.k8s.io gatehouse-system',
    ],
    no: [
      'get secrets other',
      'list secrets kube-system',
      'get configmaps other',
      'update secrets shop/shop-tls',
      'create secrets gatehouse-system',
      'delete secrets gatehouse-system/edge-push-authority',
      'update secrets gatehouse-system/edge-other',
      'update leases.coordination.k8s.io gatehouse-system/other-controller',
      'create leases.coordination.k8s.io kube-system',
      `update gatewayroutes.${own} shop`,
      `patch gatehouses.${own} gatehouse-system`,
      'list pods gatehouse-system',
      'create pods gatehouse-system',
      'create rolebindings.rbac.authorization.k8s.io gatehouse-system',
    ],
  },
  dataplane: {
    yes: [],
    no: [
      'get secrets gatehouse-system/edge-push-dataplane',
      'list services gatehouse-system',
      `get gatehouses.${own} gatehouse-system/edge`,
      'create tokenreviews.authentication.k8s.io',
      'create events.events.k8s.io gatehouse-system',
      'get leases.coordination.k8s.io gatehouse-system/edge-controller',
    ],
  },
  certs: {
    yes: [
      'create secrets gatehouse-system',
      'get secrets gatehouse-system/edge-push-authority',
      'update secrets gatehouse-system/edge-push-dataplane',
      'update secrets gatehouse-system/edge-token-keys',
    ],
    no: [
      'list secrets gatehouse-system',
      'get secrets gatehouse-system/shop-tls',
      'create secrets shop',
      'delete secrets gatehouse-system/edge-push-authority',
    ],
  },
  platform: {
    yes: [`update gatehouses.${own} gatehouse-system`, `delete gatewayroutes.${own} shop`],
    no: [`patch gatehouses/status.${own} gatehouse-system`, 'get secrets gatehouse-system', 'list secrets shop'],
  },
  team: {
    yes: [`create gatewayroutes.${own} shop`, `update accesspolicies.${own} shop`, `get gatehouses.${own} shop`],
    no: [
      `create gatewayroutes.${own} other`,
      `update gatehouses.${own} shop`,
      `patch accesspolicies/status.${own} shop`,
      'create referencegrants.gateway.networking.k8s.io shop',
      'get secrets shop',
    ],
  },
  auditor: {
    yes: [`list accesspolicies.${own} shop`, `watch gatehouses.${own} gatehouse-system`],
    no: [`update accesspolicies.${own} shop`, 'list secrets shop', 'list configmaps shop'],
  },
}
