import {
  seal,
  snapshotOf,
  type Access,
  type AuthorizationRule,
  type Provider,
  type Quota,
  type QuotaKey,
  type Resource,
  type ResourceSpec,
} from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import type { GatewayState } from '../state/gatewayState.ts'
import { buildGateway, type BuiltGateway } from './build.ts'
import type { ClientCertificate, ConnectionFacts, RawRequest } from './facts.ts'
import type { Holder } from './holder.ts'

/** Snapshots and requests for unit tests of admission. Everything is in namespace `shop` and on host `api.example`. */

type PlainKey = Exclude<QuotaKey['type'], 'Header' | 'Claim'>
type Spec<K extends Resource['kind']> = ResourceSpec<K>

export const installation = (over: Partial<Spec<'installation'>> = {}): Resource => ({
  kind: 'installation',
  name: 'installation',
  spec: {
    defaultAccess: 'Deny',
    identityHeaders: ['x-subject', 'x-roles', 'x-tenant', 'x-claim'],
    tenancy: 'Single',
    hosts: [],
    outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: [] },
    maxBodySize: 10 * 1024 * 1024,
    parallelRequests: 1000,
    quotaKeys: 100_000,
    lastGood: { secrets: 'Keep', maxAge: 0 },
    usage: null,
    ...over,
  },
})

/** Believes these peers in X-Forwarded-For. */
export const addressesFrom = (...trustedCIDRs: string[]): Spec<'listener'>['clientAddress'] => ({
  trustedCIDRs,
  header: 'XForwardedFor',
  clusterCIDRs: [],
  proxyProtocol: 'Off',
})

export const listener = (over: Partial<Spec<'listener'>> = {}, name = 'http'): Resource => ({
  kind: 'listener',
  name,
  spec: {
    address: '127.0.0.1',
    port: 8080,
    protocol: 'HTTP',
    hostname: null,
    tls: null,
    plaintextCredentials: 'Allow',
    clientAddress: addressesFrom(),
    connections: { max: 10_000, perClient: null },
    ...over,
  },
})

export const upstream = (name = 'shop/orders:80'): Resource => ({
  kind: 'upstream',
  name,
  spec: {
    namespace: 'shop',
    owner: 'shop',
    authority: 'orders.shop:80',
    protocol: 'HTTP1',
    tls: null,
    host: null,
    exemptFromAddressRules: false,
  },
})

export const provider = (method: Provider['method'], over: Partial<Provider> = {}): Provider => ({
  name: method.type.toLowerCase(),
  asserts: { roles: ['*'], groups: [], tenants: ['*'], plans: [] },
  method,
  broken: false,
  ...over,
})

export const anonymous: Provider = provider({ type: 'Anonymous' }, { name: 'public' })

export const authorizationRule = (
  action: AuthorizationRule['action'],
  over: Partial<AuthorizationRule> = {},
): AuthorizationRule => ({
  name: action.toLowerCase(),
  action,
  methods: null,
  paths: null,
  principal: action === 'Allow' ? [{ attribute: 'Anyone' }] : [],
  expression: null,
  unless: null,
  broken: false,
  ...over,
})

/** Forgets what it should give back. */
export const forgetful: Holder = { over: false, keep: () => {} }

/** By keys that are told by their type alone. */
export const quota = (types: readonly PlainKey[], over: Partial<Quota> = {}): Quota => ({
  name: 'burst',
  keys: types.map((type) => ({ type })),
  algorithm: 'TokenBucket',
  scope: 'Replica',
  shared: null,
  rates: [{ limit: 1, window: 1000, burst: 2 }],
  calendar: null,
  plans: [],
  cost: { default: 1, byMethod: [], responseHeader: null },
  broken: false,
  ...over,
})

/** A policy; as it is, it lets everybody in. */
export const policy = (over: Partial<Spec<'policy'>> = {}, name = 'open'): Resource => ({
  kind: 'policy',
  name: `shop/${name}`,
  spec: {
    object: { namespace: 'shop', name },
    providers: [anonymous],
    rules: [authorizationRule('Allow')],
    revocations: null,
    sourceIPs: null,
    denyList: null,
    failureThrottle: null,
    quotas: [],
    concurrency: null,
    anomaly: null,
    validation: null,
    identityHeaders: [],
    credential: null,
    requestHeaders: null,
    cors: null,
    securityHeaders: [],
    shadow: null,
    ...over,
  },
})

export const enforce = (name = 'open', level = 3): Extract<Access, { type: 'Enforce' }> => {
  const attachment = { policy: `shop/${name}`, level }
  return {
    type: 'Enforce',
    authentication: { ...attachment, use: [] },
    allow: attachment,
    identityHeaders: attachment,
    cors: [],
    policies: [attachment],
  }
}

export const match = (
  value = '/',
  over: Partial<Spec<'route'>['rules'][number]['matches'][number]> = {},
): Spec<'route'>['rules'][number]['matches'][number] => ({
  path: { type: 'PathPrefix', value },
  methods: null,
  headers: [],
  queryParams: [],
  ...over,
})

type Forward = Extract<Spec<'route'>['rules'][number]['action'], { type: 'Forward' }>

/** What passes requests on unchanged. */
export const forwardTo = (upstream = 'shop/orders:80', over: Partial<Forward> = {}): Forward => ({
  type: 'Forward',
  backends: [{ type: 'Upstream', weight: 1, upstream, auth: null, requestHeaders: null, responseHeaders: null }],
  mirrors: [],
  rewrite: null,
  requestHeaders: null,
  responseHeaders: null,
  timeouts: { request: 15_000, backendRequest: 0, connect: 1000, idle: 60_000, maxStreamAge: 0 },
  retry: null,
  breaker: null,
  parallel: null,
  balancing: null,
  upgrades: [],
  ...over,
})

export const rule = (over: Partial<Spec<'route'>['rules'][number]> = {}): Spec<'route'>['rules'][number] => ({
  name: 'all',
  matches: [match()],
  access: enforce(),
  shadow: null,
  action: forwardTo(),
  ...over,
})

export const route = (over: Partial<Spec<'route'>> = {}, name = 'orders', namespace = 'shop'): Resource => ({
  kind: 'route',
  name: `${namespace}/${name}`,
  spec: {
    object: { namespace, name },
    created: 0,
    listeners: ['http'],
    hostnames: ['api.example'],
    rules: [rule()],
    incomplete: false,
    ...over,
  },
})

/** An open route on a plain listener. */
export const openSnapshot = (): Resource[] => [installation(), listener(), upstream(), policy(), route()]

/** A clock that stands until it is moved. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void
}

export function testClock(start = 1_700_000_000_000): TestClock {
  let elapsed = 0
  return { now: () => start + elapsed, monotonic: () => elapsed, advance: (by) => void (elapsed += by) }
}

export function build(
  resources: readonly Resource[],
  environment: { readonly state: GatewayState; readonly clock: Clock; readonly previous?: BuiltGateway },
): BuiltGateway {
  const { state, clock, previous = null } = environment
  const snapshot = snapshotOf(resources.map(seal))
  return buildGateway({ ...snapshot, state, clock, previous })
}

export const connection = (over: Partial<ConnectionFacts> = {}): ConnectionFacts => ({
  listener: 'http',
  socket: 'HTTP 127.0.0.1 8080',
  scheme: 'http',
  peerAddress: '192.0.2.1',
  announced: false,
  serverName: null,
  clientCertificate: null,
  certificate: null,
  trustHash: null,
  ...over,
})

export const certificateOf = (over: Partial<ClientCertificate> = {}): ClientCertificate => ({
  fingerprint: 'f'.repeat(64),
  notAfter: 4_000_000_000_000,
  uris: [],
  dnsNames: [],
  emails: [],
  addresses: [],
  anchor: 'a'.repeat(64),
  ...over,
})

/** @param headers - beside Host; name, value, name, value … */
export const request = (target = '/', headers: readonly string[] = [], over: Partial<RawRequest> = {}): RawRequest => ({
  method: 'GET',
  target,
  httpVersion: '1.1',
  rawHeaders: ['Host', 'api.example', ...headers],
  connection: connection(),
  id: 'request-1',
  ...over,
})
