import { forbidden, type Attempt } from './attempt.ts'
import { anonymous, everybody, grant, policy, route, service, slice, targets } from './objects.ts'
import { hostile } from './people.ts'

const status = (kind: string, name: string): string =>
  `patch ${kind} ${name} -n ${hostile.home} --subresource=status --type=merge -p ${JSON.stringify({ status: { conditions: [] } })}`

const bind = (kind: string, more: object): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  roleRef: {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    name: 'gatehouse:gatehouse-system:edge:platform',
  },
  subjects: [{ kind: 'ServiceAccount', name: 'other', namespace: hostile.home }],
  ...more,
})

const fromHere = { group: 'gatehouse.dev', kind: 'GatewayRoute', namespace: hostile.home }
const event = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'all-is-well', namespace: 'shop' },
  involvedObject: { kind: 'GatewayRoute', namespace: 'shop', name: 'orders' },
  reason: 'Accepted',
}

/** What the chart's role `team` and the rights on Services, ConfigMaps and Secrets of its own namespace do not cover. */
export const beyondRights: readonly Attempt[] = [
  forbidden('read the installation', 'get gatehouses edge -n gatehouse-system -o yaml'),
  forbidden(
    'bind all hosts to itself',
    'patch gatehouses edge -n gatehouse-system --type=merge -p {"spec":{"tenancy":"Single","hosts":[]}}',
  ),
  forbidden('make an installation of its own', 'create', {
    apiVersion: 'gatehouse.dev/v1alpha1',
    kind: 'Gatehouse',
    metadata: { name: 'mine', namespace: hostile.home },
    spec: { tenancy: 'Single', listeners: [{ name: 'http', port: 8443, protocol: 'HTTP', default: true }] },
  }),
  forbidden('write the status of its route', status('gatewayroutes', 'decoy')),
  forbidden('write the status of its policy', status('accesspolicies', 'tenant')),
  forbidden('read all policies', 'get accesspolicies -A'),
  forbidden('read the policy of shop', 'get accesspolicies orders -n shop'),
  forbidden('delete the policy of shop', 'delete accesspolicies orders -n shop'),
  forbidden('put a route into shop', 'create', route('planted', { namespace: 'shop' })),
  forbidden('point the Service of shop at itself', 'create', slice('planted', '10.246.0.1', { namespace: 'shop' })),
  forbidden('replace the Service of shop', 'apply', service('orders', 'shop')),
  forbidden('read the Secrets of shop', 'get secrets -n shop'),
  forbidden(
    'put API keys into shop',
    'create secret generic planted -n shop --type=gatehouse.dev/api-keys --from-literal=a=b',
  ),
  forbidden('write a policy for the installation', 'create', {
    ...policy('planted', { targetRefs: [targets.gatehouse], ...everybody }, 'gatehouse-system'),
  }),
  forbidden(
    'write a policy for itself where the installation is',
    'create',
    policy(
      'planted',
      {
        targetRefs: [targets.namespace(hostile.home)],
        authentication: { anyOf: [anonymous], bounds: { providers: 'Any', anonymous: 'Allow' } },
      },
      'gatehouse-system',
    ),
  ),
  forbidden('grant itself the Services of shop', 'create', grant('shop', fromHere, { group: '', kind: 'Service' })),
  forbidden('grant others its own Services', 'create', grant(hostile.home, fromHere, { group: '', kind: 'Service' })),
  forbidden('label its namespace for a listener', `label namespace ${hostile.home} inner=yes`),
  forbidden('delete the namespace of shop', 'delete namespace shop'),
  forbidden('point its Service at Pods of others', 'create', slice('planted', '10.246.0.1')),
  forbidden('say by an Event that all is well', 'create', event),
  forbidden(
    'take the Lease of the controllers',
    'patch lease edge-controller -n gatehouse-system --type=merge -p {"spec":{"holderIdentity":"me"}}',
  ),
  forbidden('read the keys of the push channel', 'get secret edge-push-authority -n gatehouse-system -o yaml'),
  forbidden('read the certificate of the listener', 'get secret shop-tls -n gatehouse-system -o yaml'),
  forbidden('be a data plane', 'create token edge-dataplane -n gatehouse-system --audience=gatehouse-push'),
  forbidden('get a token for the push channel', `create token other -n ${hostile.home} --audience=gatehouse-push`),
  forbidden('be the platform team', 'get secrets -n shop --as=system:serviceaccount:gatehouse-system:platform'),
  forbidden(
    'give itself the role of the platform',
    'create',
    bind('RoleBinding', { metadata: { name: 'planted', namespace: hostile.home } }),
  ),
  forbidden(
    'give itself that role everywhere',
    'create',
    bind('ClusterRoleBinding', { metadata: { name: 'planted' } }),
  ),
  forbidden(
    'drop the rules of the kinds',
    'patch crd accesspolicies.gatehouse.dev --type=merge -p {"spec":{"preserveUnknownFields":true}}',
  ),
  forbidden('get a shell in a data plane', 'exec -n gatehouse-system edge-dataplane-0 -- id'),
]
