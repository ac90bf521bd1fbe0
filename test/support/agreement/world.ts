import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import type { Issuer } from '../issuer.ts'
import { providerName } from './model.ts'
import type { PolicySet, PolicyShape, ProviderShape } from './sets.ts'

/** Objects of a cluster for a set of policies. */

export const host = 'api.shop.example'

/** The API keys of the clients; no Secret has the last one. */
export const keys = {
  'acme-client': 'key-of-acme',
  'globex-client': 'key-of-globex',
  unknown: 'key-of-nobody',
} as const

const group = 'gatehouse.dev'
const apiVersion = `${group}/v1alpha1`

const gatehouse = {
  apiVersion,
  kind: 'Gatehouse',
  metadata: { name: 'edge', namespace: 'gatehouse-system' },
  spec: {
    tenancy: 'Single',
    listeners: [
      {
        name: 'http',
        port: 8080,
        protocol: 'HTTP',
        default: true,
        plaintextCredentials: 'Allow',
        allowedRoutes: { namespaces: { from: 'All' } },
      },
    ],
  },
}

const backendRefs = [{ name: 'orders', port: 80 }]
const route = {
  apiVersion,
  kind: 'GatewayRoute',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: {
    hostnames: [host],
    rules: [
      { name: 'a', matches: [{ path: { type: 'PathPrefix', value: '/a' } }], backendRefs },
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
    data: Object.fromEntries(Object.entries(data).map(([id, text]) => [id, Buffer.from(text).toString('base64')])),
  }
}

function targetOf({ level, section }: PolicyShape): object {
  if (level === 0) return { group, kind: 'Gatehouse', name: 'edge' }
  if (level <= 2) return { group: '', kind: 'Namespace', name: 'shop' }
  return { group, kind: 'GatewayRoute', name: 'orders', ...(level === 4 && { sectionName: section }) }
}

function providerOf(policy: PolicyShape, shape: ProviderShape, { issuer, jwks }: Issuer): object {
  const name = providerName(policy, shape)
  const asserts = { roles: shape.roles, tenants: shape.tenants }
  if (shape.kind === 'anonymous') return { name, anonymous: {} }
  if (shape.kind === 'apiKey')
    return {
      name,
      asserts,
      apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels: { keys: 'all' } } },
    }
  const map = { roles: ['roles'], scopes: ['scope'], tenant: ['tid'] }
  return { name, asserts, jwt: { issuer, audiences: ['orders'], algorithms: ['ES256'], jwks: { inline: jwks }, map } }
}

function policyObject(policy: PolicyShape, issuer: Issuer): object {
  const { name, level, age, shadow, providers, rules, sourceIPs } = policy
  const anyOf = providers.map((one) => providerOf(policy, one, issuer))
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
      ...(anyOf.length > 0 && { authentication: { anyOf } }),
      ...(rules.length > 0 && { authorization: { rules } }),
      ...(sourceIPs && { sourceIPs }),
    },
  }
}

/** YAML documents as the API server would store them. */
export const worldOf = (set: PolicySet, issuer: Issuer): string =>
  [gatehouse, route, secretIn('shop'), secretIn('gatehouse-system'), ...set.map((one) => policyObject(one, issuer))]
    .map((document) => stringify(document, { aliasDuplicateObjects: false }))
    .join('---\n')
