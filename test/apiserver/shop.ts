/** What the tests of status write: one installation, one Service, its route and a policy that lets everybody in. */

const apiVersion = 'gatehouse.dev/v1alpha1'

export const gatehouse = {
  apiVersion,
  kind: 'Gatehouse',
  metadata: { name: 'edge', namespace: 'gatehouse-system' },
  spec: {
    tenancy: 'Single',
    listeners: [
      { name: 'http', port: 8080, protocol: 'HTTP', default: true, allowedRoutes: { namespaces: { from: 'All' } } },
    ],
  },
}

/** The same with a store of quotas on a port of loopback. */
export const gatehouseCounting = (port: number): object => ({
  ...gatehouse,
  spec: {
    ...gatehouse.spec,
    outbound: { allowLoopback: true },
    quotaStore: { type: 'Redis', redis: { topology: 'Single', servers: [{ host: '127.0.0.1', port }] } },
  },
})

export const ordersService: readonly object[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: { ports: [{ name: 'http', port: 80 }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'orders', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'orders' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.9'], conditions: { ready: true } }],
  },
]

/** The route to the Service, with these fields of its spec changed. */
export const ordersRoute = (
  over: { readonly hostnames?: readonly string[]; readonly parentRefs?: readonly object[] } = {},
  backendRefs: readonly object[] = [{ name: 'orders', port: 80 }],
): object => ({
  apiVersion,
  kind: 'GatewayRoute',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: { hostnames: ['orders.example'], rules: [{ name: 'all', backendRefs }], ...over },
})

export const anyonePolicy = {
  apiVersion,
  kind: 'AccessPolicy',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: {
    targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'orders' }],
    authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
    authorization: {
      rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }],
    },
  },
}
