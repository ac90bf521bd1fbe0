import { createHash } from 'node:crypto'
import { hostAddress } from '../network.ts'
import { clientKey, staffKeys } from './callers.ts'
import { everyoneKnown, grant, jwtProvider, policy, route, secret, staffIssuer, targets } from './objects.ts'
import { hostile } from './people.ts'
import { loginPort, podRange } from './traps.ts'

const tls = (more: object = {}): object => ({
  certificateRefs: [{ name: 'shop-tls' }, { name: 'other-tls' }],
  clientCertificate: { mode: 'Request', caCertificateRefs: [{ name: 'client-ca' }] },
  ...more,
})

const listener = (name: string, more: object): object => ({ name, port: 8443, protocol: 'HTTPS', tls: tls(), ...more })

const allowedHost = (port: number, namespace: string): object => ({
  host: hostAddress,
  port,
  namespaces: [namespace],
  addresses: 'Private',
  caCertificateRefs: [{ name: 'client-ca' }],
})

const gatehouse = {
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'Gatehouse',
  metadata: { name: 'edge', namespace: 'gatehouse-system' },
  spec: {
    listeners: [
      listener('https', { default: true, allowedRoutes: { namespaces: { from: 'All' } } }),
      listener('partner', { hostname: 'partner.shop.example' }),
      listener('inner', {
        hostname: '*.inner.example',
        allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { inner: 'yes' } } } },
      }),
    ],
    tenancy: 'Shared',
    hosts: [
      { pattern: '*.shop.example', namespaces: ['shop'] },
      { pattern: '*.other.example', namespaces: [hostile.home] },
      { pattern: 'vip.other.example', namespaces: ['shop'] },
      { pattern: '*.lab.example', namespaces: [hostile.lab] },
    ],
    identityHeaders: ['x-gatehouse-subject', 'x-gatehouse-roles'],
    outbound: {
      podCIDRs: [podRange],
      allowedHosts: [allowedHost(loginPort, hostile.home), allowedHost(9444, 'shop')],
    },
    bounds: { perNamespace: { routeBytes: '512Ki', policyBytes: '512Ki' } },
  },
}

const everywhere = policy(
  'platform',
  {
    targetRefs: [targets.gatehouse],
    authentication: {
      anyOf: [jwtProvider('staff', { issuer: staffIssuer, jwks: { inline: staffKeys } })],
      bounds: { providers: 'Any', anonymous: 'Forbid' },
    },
    authorization: {
      rules: [
        { name: 'no-internals', action: 'Deny', paths: [{ type: 'PathPrefix', value: '/internal' }] },
        {
          name: 'operators',
          action: 'Require',
          paths: [{ type: 'PathPrefix', value: '/admin' }],
          principal: [{ attribute: 'Role', anyOf: ['operator'] }],
        },
      ],
    },
  },
  'gatehouse-system',
)

const overLab = policy(
  'lab',
  {
    targetRefs: [targets.namespace(hostile.lab)],
    authentication: { bounds: { providers: 'Own', anonymous: 'Forbid' } },
  },
  'gatehouse-system',
)

const toBilling = { group: 'gatehouse.dev', kind: 'GatewayRoute', namespace: 'billing' }

/** What the platform team writes: hosts, bounds, what holds everywhere, what holds in one namespace, one grant. */
export const platformObjects: readonly object[] = [
  gatehouse,
  everywhere,
  overLab,
  grant('shop', toBilling, { group: '', kind: 'Service', name: 'public' }),
]

const toOrders = [{ name: 'orders', port: 80 }]
const partners = {
  name: 'partners',
  apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels: { keys: 'orders' } } },
}
const keyHash = `sha256:${createHash('sha256').update(clientKey).digest('hex')}`

/** A route of the victim. */
const shopRoute = (name: string): object =>
  route(name, { namespace: 'shop', hostnames: [`${name}.shop.example`], backendRefs: toOrders })

/** The key of the client of the victim. */
export const shopKeys = secret(
  'partners',
  'gatehouse.dev/api-keys',
  { acme: JSON.stringify({ keyHash }) },
  { namespace: 'shop', labels: { keys: 'orders' } },
)

/** What the victim writes: two routes, a policy for all of its routes, and the key of a client. */
export const shopObjects: readonly object[] = [
  shopKeys,
  shopRoute('orders'),
  shopRoute('lab-x'),
  policy(
    'orders',
    {
      targetRefs: [targets.namespace('shop')],
      authentication: { use: ['staff'], anyOf: [partners] },
      ...everyoneKnown,
    },
    'shop',
  ),
]
