import type {
  Access,
  AuthorizationRule,
  Balancing,
  Provider,
  Resource,
  ResourceSpec,
  Validation,
} from '@gatehouse/contract'

/** Resources of a small snapshot, for tests that do not go through the compiler. Everything is in namespace `shop`. */

type RouteSpec = ResourceSpec<'route'>
type RuleSpec = RouteSpec['rules'][number]
type PolicySpec = ResourceSpec<'policy'>

/** The installation; identity headers are those of the chart. */
export const installationResource = (over: Partial<ResourceSpec<'installation'>> = {}): Resource => ({
  kind: 'installation',
  name: 'installation',
  spec: {
    defaultAccess: 'Deny',
    identityHeaders: ['x-gatehouse-subject', 'x-gatehouse-roles', 'x-gatehouse-tenant'],
    tenancy: 'Single',
    hosts: [],
    outbound: { podCIDRs: [], allowLoopback: true, deniedAddresses: [] },
    maxBodySize: 1024 ** 3,
    parallelRequests: 100_000,
    quotaKeys: 100_000,
    lastGood: { secrets: 'Keep', maxAge: 0 },
    usage: null,
    ...over,
  },
})

/** Believes these peers in X-Forwarded-For. */
export const addressesFrom = (...trustedCIDRs: string[]): ResourceSpec<'listener'>['clientAddress'] => ({
  trustedCIDRs,
  header: 'XForwardedFor',
  clusterCIDRs: [],
  proxyProtocol: 'Off',
})

/** A plain HTTP listener on a free port of 127.0.0.1. */
export const listenerResource = (over: Partial<ResourceSpec<'listener'>> = {}, name = 'http'): Resource => ({
  kind: 'listener',
  name,
  spec: {
    address: '127.0.0.1',
    port: 0,
    protocol: 'HTTP',
    hostname: null,
    tls: null,
    plaintextCredentials: 'Allow',
    clientAddress: addressesFrom(),
    connections: { max: 10_000, perClient: null },
    ...over,
  },
})

/** Where an upstream is, and what is known of it there. */
export interface Target {
  readonly address: string
  readonly port: number
  readonly zones?: string[]
  readonly draining?: boolean
}

/** A rule that says no more than this of its balancing. */
export const balancingBy = (pick: Balancing['pick'], over: Partial<Balancing> = {}): Balancing => ({
  pick,
  slowStart: 0,
  panicThreshold: 50,
  active: null,
  passive: null,
  ...over,
})

/** An upstream `shop/SERVICE:80` and its endpoints, which may be on loopback. */
export const upstreamResources = (
  service: string,
  targets: readonly Target[],
  over: Partial<ResourceSpec<'upstream'>> = {},
): Resource[] => [
  {
    kind: 'upstream',
    name: `shop/${service}:80`,
    spec: {
      namespace: 'shop',
      owner: 'shop',
      authority: `${service}.shop:80`,
      protocol: 'HTTP1',
      tls: null,
      host: null,
      exemptFromAddressRules: true,
      ...over,
    },
  },
  {
    kind: 'endpoints',
    name: `shop/${service}:80`,
    spec: {
      addresses: targets.map(({ address, port, zones = [], draining = false }) => ({ address, port, zones, draining })),
    },
  },
]

const anonymous: Provider = {
  name: 'public',
  asserts: { roles: [], groups: [], tenants: [], plans: [] },
  method: { type: 'Anonymous' },
  broken: false,
}

/** A policy; as it is, it lets everybody in. */
export const policyResource = (over: Partial<PolicySpec> = {}, name = 'public'): Resource => ({
  kind: 'policy',
  name: `shop/${name}`,
  spec: {
    object: { namespace: 'shop', name },
    providers: [anonymous],
    rules: [
      {
        name: 'anyone',
        action: 'Allow',
        methods: null,
        paths: null,
        principal: [{ attribute: 'Anyone' }],
        expression: null,
        unless: null,
        broken: false,
      },
    ],
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

/** What a rule needs to be under one policy at the level of the route. */
export const enforce = (policy = 'public'): Access => {
  const attachment = { policy: `shop/${policy}`, level: 3 }
  return {
    type: 'Enforce',
    authentication: { ...attachment, use: [] },
    allow: attachment,
    identityHeaders: attachment,
    cors: [],
    policies: [attachment],
  }
}

type Forward = Extract<RuleSpec['action'], { type: 'Forward' }>
type Upstream = Extract<Forward['backends'][number], { type: 'Upstream' }>

export const backendOf = (service: string, over: Partial<Upstream> = {}): Upstream => ({
  type: 'Upstream',
  weight: 1,
  upstream: `shop/${service}:80`,
  auth: null,
  requestHeaders: null,
  responseHeaders: null,
  ...over,
})

/** What passes requests on to `shop/SERVICE:80`, unchanged. */
export const forwardTo = (service: string, over: Partial<Forward> = {}): Forward => ({
  type: 'Forward',
  backends: [backendOf(service)],
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

/** The requests under a path, or below it. */
export const under = (value: string): RuleSpec['matches'] => [
  { path: { type: 'PathPrefix', value }, methods: null, headers: [], queryParams: [] },
]

/** A rule that forwards everything to `shop/SERVICE:80`. */
export const ruleTo = (service: string, over: Partial<RuleSpec> = {}): RuleSpec => ({
  name: 'all',
  matches: under('/'),
  access: enforce(),
  shadow: null,
  action: forwardTo(service),
  ...over,
})

/** Plain listeners by name, each with a socket of its own on loopback, from 127.0.0.2 on. */
export const listenersApart = (specs: { readonly [name: string]: Partial<ResourceSpec<'listener'>> }): Resource[] =>
  Object.entries(specs).map(([name, spec], index) =>
    listenerResource({ address: `127.0.0.${index + 2}`, ...spec }, name),
  )

/** A route of `api.shop.example` on listener `http`. */
export const routeResource = (
  rules: readonly RuleSpec[],
  over: Partial<RouteSpec> = {},
  name = 'orders',
): Resource => ({
  kind: 'route',
  name: `shop/${name}`,
  spec: {
    object: { namespace: 'shop', name },
    created: 0,
    listeners: ['http'],
    hostnames: ['api.shop.example'],
    rules: [...rules],
    incomplete: false,
    ...over,
  },
})

/** A rule of a policy, with these conditions. */
export const authorizationRule = (
  name: string,
  action: AuthorizationRule['action'],
  over: Partial<AuthorizationRule> = {},
): AuthorizationRule => ({
  name,
  action,
  methods: null,
  paths: null,
  principal: [],
  expression: null,
  unless: null,
  broken: false,
  ...over,
})

/** A validation that looks at nothing. */
export const uncheckedForm: Validation = {
  maxBodySize: null,
  contentTypes: null,
  headers: null,
  queryParams: null,
  pathParams: null,
  body: null,
  redirectParams: null,
  broken: false,
}
