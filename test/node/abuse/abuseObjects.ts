import { guesses, host, routeSpike, tenants, tenantSpike } from '../../load/abuseShop.ts'
import type { Issuer } from '../../support/issuer.ts'
import { keyHashOf, tenantKey } from '../../support/keyHash.ts'
import type { Authority } from '../../support/authority.ts'
import { listenerWith } from '../gatehouseRelease.ts'
import type { Manifest } from '../policy/objects.ts'
import { identityProviderPort, providerUrl } from '../policy/identityProvider.ts'
import { testAddress } from '../policy/nodeBridge.ts'
import { configMap } from '../policy/policyWorld.ts'
import { nodeNetwork } from '../../cluster/nodeNetwork.ts'

/** The shop of `proof-abuse` as its owners write it. */

const group = 'gatehouse.dev'
const apiVersion = `${group}/v1alpha1`
const authorityName = 'abuse-ca'
/** The client that every data plane denies once the list is in force, and that nobody else is. */
export const deniedForSure = '10.67.0.1'

/** Where opaque tokens are asked about, and where spikes are told. */
export const paths = { introspection: '/introspect', events: '/spikes' } as const

/** Values of an installation that believes the node about its clients, and may reach the test. */
export const abuseValues = (shop: string): object => ({
  watchNamespaces: [shop],
  gatehouse: {
    listeners: [
      listenerWith({
        clientAddress: { trustedCIDRs: [`${nodeNetwork.address}/32`, `${testAddress}/32`, nodeNetwork.pods] },
      }),
    ],
    hosts: ['shop.example', host].map((pattern) => ({ pattern, namespaces: [shop] })),
    outbound: {
      allowedHosts: [
        {
          host: testAddress,
          port: identityProviderPort,
          namespaces: [shop],
          addresses: 'Private',
          caCertificateRefs: [{ name: authorityName }],
        },
      ],
    },
  },
})

/** What the values refer to. */
export const trusted = (namespace: string, authority: Authority): Manifest =>
  configMap(namespace, authorityName, 'ca.crt', authority.certificate)

export const deniedList = (namespace: string, ranges: readonly string[]): Manifest =>
  configMap(namespace, 'denied', 'denied.json', JSON.stringify(ranges.map((ip) => ({ ip }))))

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const keyLabels = { 'gatehouse.dev/api-keys': 'partners' }

const secrets = (namespace: string): readonly Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'gatehouse.dev/api-keys',
    metadata: { name: 'partners', namespace, labels: keyLabels },
    data: Object.fromEntries(
      tenants.map((tenant) => [
        `client-of-${tenant}`,
        base64(JSON.stringify({ keyHash: keyHashOf(tenantKey(tenant)), tenant })),
      ]),
    ),
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'gatehouse.dev/introspection-client',
    metadata: {
      name: 'idp',
      namespace,
      annotations: { 'gatehouse.dev/destination-hosts': `${testAddress}:${identityProviderPort}` },
    },
    data: { clientId: base64('gatehouse'), clientSecret: base64('of-the-test') },
  },
]

const asserts = { tenants: ['*'] }
const map = { tenant: ['tid'] }
const providers = (issuer: Issuer): readonly object[] => [
  {
    name: 'staff',
    asserts,
    jwt: {
      issuer: issuer.issuer,
      audiences: ['orders'],
      algorithms: ['RS256'],
      jwks: { inline: issuer.jwks },
      map,
    },
  },
  {
    name: 'opaque',
    asserts,
    introspection: {
      url: providerUrl(paths.introspection),
      issuer: 'https://idp.example',
      audiences: ['orders'],
      clientSecretRef: { name: 'idp' },
      timeout: '5s',
      map,
    },
  },
  {
    name: 'partners',
    asserts,
    apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels: keyLabels } },
  },
]

const spikes = (keys: readonly string[], { ratio, minRequests }: { ratio: number; minRequests: number }) => ({
  keys: keys.map((type) => ({ type })),
  spike: { ratio, minRequests, baseline: '24h' },
  events: { type: 'Webhook', url: providerUrl(paths.events) },
})

const policy = (namespace: string, name: string, spec: object): Manifest => ({
  apiVersion,
  kind: 'AccessPolicy',
  metadata: { name, namespace },
  spec: { targetRefs: [{ group, kind: 'GatewayRoute', name: 'orders' }], ...spec },
})

/** A route, who may call it, and what is unusual about it. */
export function abuseObjects(namespace: string, release: object, issuer: Issuer): readonly Manifest[] {
  const limits = { window: '1m', blockFor: '5m' }
  return [
    ...secrets(namespace),
    deniedList(namespace, []),
    {
      apiVersion,
      kind: 'GatewayRoute',
      metadata: { name: 'orders', namespace },
      spec: {
        parentRefs: [{ group, kind: 'Gatehouse', ...release }],
        hostnames: [host],
        rules: [{ name: 'orders', backendRefs: [{ name: 'shop', port: 80 }] }],
      },
    },
    policy(namespace, 'orders', {
      authentication: {
        anyOf: providers(issuer),
        failureThrottle: { ...limits, limit: guesses.address, perProvider: { ...limits, limit: guesses.provider } },
      },
      authorization: {
        rules: [{ name: 'known', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Authenticated' }] }],
      },
      denyList: { configMapRef: { name: 'denied' } },
      anomaly: {
        ...spikes(['Tenant'], tenantSpike),
        action: 'Throttle',
        throttle: { limit: tenantSpike.through, window: '1m' },
      },
    }),
    policy(namespace, 'route', { anomaly: { ...spikes(['Route'], routeSpike), action: 'Log' } }),
  ]
}
