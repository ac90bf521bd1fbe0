import type { Authority, Leaf } from '../support/authority.ts'
import { hostAddress } from './network.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A TLS Secret in the installation's namespace. */
export const secretOf = (type: 'kubernetes.io/tls', name: string, leaf: Leaf): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type,
  metadata: { name, namespace: 'gatehouse-system' },
  data: { 'tls.crt': base64(leaf.certificate), 'tls.key': base64(leaf.privateKey) },
})

const configMap = (namespace: string, name: string, data: { readonly [key: string]: string }): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})

/** One installation: a listener that asks for client certificates, one that requires them, a host, a place for keys. */
const gatehouse = (authority: Authority): readonly object[] => [
  configMap('gatehouse-system', 'client-ca', { 'ca.crt': authority.certificate }),
  {
    apiVersion: 'gatehouse.dev/v1alpha1',
    kind: 'Gatehouse',
    metadata: { name: 'edge', namespace: 'gatehouse-system' },
    spec: {
      listeners: [
        {
          name: 'https',
          port: 8443,
          protocol: 'HTTPS',
          default: true,
          tls: {
            certificateRefs: [{ name: 'shop-tls' }],
            clientCertificate: { mode: 'Request', caCertificateRefs: [{ name: 'client-ca' }] },
          },
          allowedRoutes: { namespaces: { from: 'All' } },
        },
        {
          name: 'partner',
          port: 8443,
          protocol: 'HTTPS',
          hostname: 'partner.shop.example',
          tls: {
            certificateRefs: [{ name: 'shop-tls' }],
            clientCertificate: { mode: 'Require', caCertificateRefs: [{ name: 'client-ca' }] },
          },
        },
      ],
      hosts: [{ pattern: '*.shop.example', namespaces: ['shop'] }],
      identityHeaders: ['x-gatehouse-subject', 'x-gatehouse-roles', 'x-gatehouse-tenant'],
      outbound: {
        allowedHosts: [
          {
            host: hostAddress,
            port: 9443,
            namespaces: ['shop'],
            addresses: 'Private',
            caCertificateRefs: [{ name: 'client-ca' }],
          },
        ],
      },
    },
  },
]

/** A Service without a selector and the endpoints that a test gives it. */
const service = (name: string, ports: readonly number[]): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { ports: [{ name: 'http', port: 80 }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: ports[0] ?? 80, protocol: 'TCP' }],
    endpoints: ports.length === 0 ? [] : [{ addresses: [hostAddress], conditions: { ready: true } }],
  },
]

interface RouteOptions {
  readonly namespace?: string
  readonly hostname?: string
}

/** A GatewayRoute for `NAME.shop.example`. */
const route = (
  name: string,
  rules: readonly object[],
  { namespace = 'shop', hostname }: RouteOptions = {},
): object => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'GatewayRoute',
  metadata: { name, namespace },
  spec: { hostnames: [hostname ?? `${name}.shop.example`], rules },
})

/** An AccessPolicy for the route of the same name. */
const policy = (name: string, spec: object, sectionName?: string): object => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'AccessPolicy',
  metadata: { name: sectionName ? `${name}-${sectionName}` : name, namespace: 'shop' },
  spec: {
    targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name, ...(sectionName ? { sectionName } : {}) }],
    ...spec,
  },
})

/** Lets everybody in. */
const anyone = {
  authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
  authorization: { rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }] },
}

export const manifests = { gatehouse, service, route, policy, anyone, configMap }
