import { hostile } from './people.ts'

/** Short forms of what tenants write; each is in the hostile tenant's namespace unless it says another. */

const apiVersion = 'gatehouse.dev/v1alpha1'

/** A reference to the hostile tenant's own backend. */
export const mine = { name: 'mine', port: 80 }

/** The host of a route of the hostile tenant. */
export const hostOf = (name: string): string => `${name}.other.example`

interface RouteFields {
  readonly namespace?: string
  readonly metadata?: object
  readonly hostnames?: readonly string[]
  readonly parentRefs?: readonly object[]
  readonly backendRefs?: readonly object[]
  readonly matches?: readonly object[]
  readonly rules?: readonly object[]
}

/** A route of one rule to the tenant's own backend, on a host that is its own. */
export function route(name: string, fields: RouteFields = {}): object {
  const { namespace = hostile.home, metadata, hostnames = [hostOf(name)], parentRefs, matches } = fields
  const rule = { name: 'all', ...(matches && { matches }), backendRefs: fields.backendRefs ?? [mine] }
  const spec = { hostnames, rules: fields.rules ?? [rule], ...(parentRefs && { parentRefs }) }
  return { apiVersion, kind: 'GatewayRoute', metadata: { ...metadata, name, namespace }, spec }
}

export const targets = {
  route: (name: string, sectionName?: string) => ({
    group: 'gatehouse.dev',
    kind: 'GatewayRoute',
    name,
    ...(sectionName !== undefined && { sectionName }),
  }),
  namespace: (name: string) => ({ group: '', kind: 'Namespace', name }),
  gatehouse: { group: 'gatehouse.dev', kind: 'Gatehouse', name: 'edge' },
}

/** A policy for the route of the same name, unless the spec targets something else. */
export const policy = (name: string, spec: object, namespace: string = hostile.home): object => ({
  apiVersion,
  kind: 'AccessPolicy',
  metadata: { name, namespace },
  spec: { targetRefs: [targets.route(name)], ...spec },
})

const allow = (attribute: 'Anyone' | 'Authenticated') => ({
  rules: [{ name: 'allowed', action: 'Allow', methods: ['*'], principal: [{ attribute }] }],
})

/** Authorization that permits everybody, or everybody who is known. */
export const everybody = { authorization: allow('Anyone') }
export const everyoneKnown = { authorization: allow('Authenticated') }

/** Authentication by nothing. */
export const anonymous = { name: 'public', anonymous: {} }

interface JwtFields {
  readonly issuer?: string
  readonly jwks?: object
  readonly [field: string]: unknown
}

/** A provider that asserts whatever its tokens say. */
export const jwtProvider = (name: string, { issuer = ownIssuer, jwks = {}, ...fields }: JwtFields): object => ({
  name,
  asserts: { roles: ['*'], tenants: ['*'], groups: ['*'], plans: ['*'] },
  jwt: { issuer, audiences: ['gateway'], algorithms: ['RS256'], jwks, map: { roles: ['roles'] }, ...fields },
})

/** Who signs the hostile tenant's tokens, and the staff's. */
export const ownIssuer = 'https://login.other.example'
export const staffIssuer = 'https://login.platform.example'

const meta = (name: string, namespace: string, more: object = {}) => ({ name, namespace, ...more })

export const service = (name: string, namespace: string = hostile.home, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(name, namespace),
  spec: { ports: [{ name: 'http', port: 80 }], ...spec },
})

/** Endpoints of a Service, as somebody writes them who wants others to go there. */
export const slice = (
  name: string,
  address: string,
  { namespace = hostile.home as string, port = 80, addressType = 'IPv4', of = name } = {},
): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: meta(name, namespace, { labels: { 'kubernetes.io/service-name': of } }),
  addressType,
  ports: [{ name: 'http', port, protocol: 'TCP' }],
  endpoints: [{ addresses: [address], conditions: { ready: true } }],
})

export const secret = (
  name: string,
  type: string,
  stringData: { readonly [key: string]: string },
  { namespace = hostile.home as string, labels = {}, annotations = {} } = {},
): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type,
  metadata: meta(name, namespace, { labels, annotations }),
  stringData,
})

export const configMap = (name: string, data: { readonly [key: string]: string }): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: meta(name, hostile.home),
  data,
})

export const grant = (namespace: string, from: object, to: object): object => ({
  apiVersion: 'gateway.networking.k8s.io/v1beta1',
  kind: 'ReferenceGrant',
  metadata: meta('wide-open', namespace),
  spec: { from: [from], to: [to] },
})
