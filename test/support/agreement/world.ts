import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { written } from './expressions.ts'
import type { Parties } from './parties.ts'
import {
  providerName,
  type BoundsShape,
  type PolicySet,
  type PolicyShape,
  type ProviderShape,
  type RuleShape,
} from './shapes.ts'

/** Objects of a cluster for a set of policies. */

export const host = 'api.shop.example'

/** The API keys of the clients; no Secret has the last one. */
export const keys = {
  'acme-client': 'key-of-acme',
  'globex-client': 'key-of-globex',
  unknown: 'key-of-nobody',
} as const

/** Whose tokens only the endpoint understands. */
export const opaqueIssuer = 'https://opaque.example'

const group = 'gatehouse.dev'
const apiVersion = `${group}/v1alpha1`

const trusting = { allowedRoutes: { namespaces: { from: 'All' } }, clientAddress: { trustedCIDRs: ['127.0.0.0/8'] } }

const gatehouse = {
  apiVersion,
  kind: 'Gatehouse',
  metadata: { name: 'edge', namespace: 'gatehouse-system' },
  spec: {
    tenancy: 'Single',
    listeners: [
      { name: 'http', port: 8080, protocol: 'HTTP', default: true, plaintextCredentials: 'Allow', ...trusting },
      {
        name: 'https',
        port: 8443,
        protocol: 'HTTPS',
        default: true,
        tls: {
          certificateRefs: [{ name: 'server' }],
          clientCertificate: { mode: 'Request', caCertificateRefs: [{ name: 'mesh' }] },
        },
        ...trusting,
      },
    ],
    outbound: { allowLoopback: true },
  },
}

const encoded = (data: { readonly [key: string]: string }): object =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))

const ofListeners = ({ server, mesh }: Parties): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'server', namespace: 'gatehouse-system' },
    data: encoded({ 'tls.crt': server.certificate, 'tls.key': server.privateKey }),
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'mesh', namespace: 'gatehouse-system' },
    data: { 'ca.crt': mesh },
  },
]

/** What the gateway shows the endpoint that it asks about tokens. */
const clientSecretIn = (namespace: string, { introspection }: Parties): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: `${group}/introspection-client`,
  metadata: { name: 'idp', namespace, annotations: { [`${group}/destination-hosts`]: new URL(introspection).host } },
  data: encoded({ clientId: 'gatehouse', clientSecret: 'not-a-secret' }),
})

const backendRefs = [{ name: 'orders', port: 80 }]
const route = {
  apiVersion,
  kind: 'GatewayRoute',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: {
    hostnames: [host],
    rules: [
      { name: 'a', matches: [{ path: { type: 'PathPrefix', value: '/a' } }], backendRefs },
      { name: 't', matches: [{ path: { type: 'Template', value: '/t/{tenant}/{id}' } }], backendRefs },
      { name: 'rest', matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs },
    ],
  },
}

function secretIn(namespace: string): object {
  const entry = (client: 'acme-client' | 'globex-client', tenant: string) =>
    JSON.stringify({
      keyHash: `sha256:${createHash('sha256').update(keys[client]).digest('hex')}`,
      roles: ['reader'],
      scopes: ['read'],
      tenant,
    })
  const data = { 'acme-client': entry('acme-client', 'acme'), 'globex-client': entry('globex-client', 'globex') }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: `${group}/api-keys`,
    metadata: { name: 'clients', namespace, labels: { keys: 'all' } },
    data: encoded(data),
  }
}

function targetOf({ level, section }: PolicyShape): object {
  if (level === 0) return { group, kind: 'Gatehouse', name: 'edge' }
  if (level <= 2) return { group: '', kind: 'Namespace', name: 'shop' }
  return { group, kind: 'GatewayRoute', name: 'orders', ...(level === 4 && { sectionName: section }) }
}

const map = { roles: ['roles'], scopes: ['scope'], tenant: ['tid'] }

function methodOf({ kind }: ProviderShape, { issuer, introspection }: Parties): object {
  switch (kind) {
    case 'anonymous':
      return { anonymous: {} }
    case 'apiKey':
      return { apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels: { keys: 'all' } } } }
    case 'mtls':
      return { mtls: { subjectAltNames: [{ type: 'URI', pattern: 'spiffe://mesh/web' }] } }
    case 'introspection':
      return {
        introspection: {
          url: introspection,
          clientSecretRef: { name: 'idp' },
          issuer: opaqueIssuer,
          audiences: ['orders'],
          timeout: '10s',
          map,
        },
      }
    case 'jwt':
      return {
        jwt: {
          issuer: issuer.issuer,
          audiences: ['orders'],
          algorithms: ['ES256'],
          jwks: { inline: issuer.jwks },
          map,
        },
      }
  }
}

const providerOf = (policy: PolicyShape, shape: ProviderShape, parties: Parties): object => ({
  name: providerName(policy, shape.kind),
  ...(shape.kind !== 'anonymous' &&
    shape.kind !== 'mtls' && { asserts: { roles: shape.roles, tenants: shape.tenants } }),
  ...methodOf(shape, parties),
})

const boundsOf = ({ providers, anonymous, exempt }: BoundsShape): object => ({
  providers,
  anonymous,
  ...(anonymous === 'Forbid' &&
    exempt && { exemptions: [{ namespaces: [exempt === 'Route' ? 'shop' : 'docs'], hostnames: [host] }] }),
})

function ruleObject({ expression, unless, ...rule }: RuleShape): object {
  const { expression: exception, ...exceptions } = unless ?? {}
  return {
    ...rule,
    ...(expression && { expression: written(expression) }),
    ...(unless && { unless: { ...exceptions, ...(exception && { expression: written(exception) }) } }),
  }
}

function authenticationOf(policy: PolicyShape, parties: Parties): object {
  const { providers, use, bounds } = policy
  return {
    ...(bounds && { bounds: boundsOf(bounds) }),
    ...(use.length > 0 && { use }),
    ...(providers.length > 0 && { anyOf: providers.map((one) => providerOf(policy, one, parties)) }),
  }
}

function policyObject(policy: PolicyShape, parties: Parties): object {
  const { name, level, age, shadow, rules, sourceIPs } = policy
  const authentication = authenticationOf(policy, parties)
  return {
    apiVersion,
    kind: 'AccessPolicy',
    metadata: {
      name,
      namespace: level <= 1 ? 'gatehouse-system' : 'shop',
      creationTimestamp: `2026-01-0${age + 1}T00:00:00Z`,
    },
    spec: {
      targetRefs: [targetOf(policy)],
      mode: shadow ? 'Shadow' : 'Enforce',
      ...(Object.keys(authentication).length > 0 && { authentication }),
      ...(rules.length > 0 && { authorization: { rules: rules.map(ruleObject) } }),
      ...(sourceIPs && { sourceIPs }),
    },
  }
}

const namespaces = ['shop', 'gatehouse-system']

/** YAML documents as the API server would store them. */
export const worldOf = (set: PolicySet, parties: Parties): string =>
  [
    gatehouse,
    route,
    ...ofListeners(parties),
    ...namespaces.flatMap((name) => [secretIn(name), clientSecretIn(name, parties)]),
    ...set.map((one) => policyObject(one, parties)),
  ]
    .map((document) => stringify(document, { aliasDuplicateObjects: false }))
    .join('---\n')
