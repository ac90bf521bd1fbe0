import { z } from 'zod'

/**
 * The language that a data plane executes: everything is resolved, every default is written out, and nothing here
 * speaks of Kubernetes. The controller writes it; a data plane parses it strictly and refuses what it does not know.
 *
 * Names: `installation` is called `installation`, a `listener` by its own name, `route` and `policy` `namespace/name`,
 * `upstream` and its `endpoints` `namespace/service:port`; all others are free but begin with `namespace/`. A data
 * plane uses the namespace of a route that it cannot read to refuse what might fall through (M7).
 */

const name = z.string().min(1).max(600)
const text = z.string().max(4096)
const milliseconds = z.int().min(0)
/** The longest that a timer runs, in milliseconds: 24 days and 20 hours. A longer one would fire at once. */
export const maxTimer = 2 ** 31 - 1
const timer = z.int().min(0).max(maxTimer)
const port = z.int().min(1).max(65535)
const cidr = z.string().min(1).max(64)

/** Names an object of the cluster in records and state keys; never looked up. */
export const objectName = z.strictObject({ namespace: z.string().min(1).max(63), name: z.string().min(1).max(253) })
export type ObjectName = z.infer<typeof objectName>

/** What a data plane keeps for the time after a restart without a controller. */
export const lastGood = z.strictObject({
  /** `Omit`: secret resources are not written, and what needs them stays closed until a controller answers. */
  secrets: z.enum(['Keep', 'Omit']),
  /** Milliseconds after its publication in which a revision may serve; 0 = for ever. */
  maxAge: milliseconds,
})
export type LastGood = z.infer<typeof lastGood>

/** Settings of the whole installation. There is exactly one, named `installation`. */
export const installation = z.strictObject({
  /** What a request gets where no policy speaks. The only value in this contract version. */
  defaultAccess: z.literal('Deny'),
  /** Lower-case names that only the gateway may write; removed from every incoming request (M10). */
  identityHeaders: z.array(name).max(64),
  /** `Shared`: a host serves only the namespaces of its most specific binding. `Single`: any namespace, any host (M6). */
  tenancy: z.enum(['Shared', 'Single']),
  hosts: z.array(z.strictObject({ pattern: name, namespaces: z.array(name).max(1024) })).max(4096),
  outbound: z.strictObject({
    /** Where Service endpoints must lie; empty = any address that M13 does not refuse. */
    podCIDRs: z.array(cidr).max(64),
    /** Permits plain http fetches from loopback (M13). */
    allowLoopback: z.boolean(),
    /** Addresses never dialled: the API server and Gatehouse itself. */
    deniedAddresses: z.array(cidr).max(10_000),
  }),
  lastGood,
})

/** One listening socket's share. HTTPS listeners may share a port; an HTTP listener has one of its own. */
export const listener = z.strictObject({
  address: z.string().min(1).max(64),
  /** 0 asks the operating system for one (development and tests). */
  port: z.int().min(0).max(65535),
  protocol: z.enum(['HTTP', 'HTTPS']),
  /** Exact or `*.` wildcard, lower case; null = every host. */
  hostname: z.string().max(253).nullable(),
  tls: z
    .strictObject({
      /** Names of `certificate` resources, first match by SNI wins. Empty keeps the hostname and refuses its connections. */
      certificates: z.array(name).max(16),
      minVersion: z.enum(['TLS1_2', 'TLS1_3']),
      /** `trust` names a `trust` resource; null only when the mode is Off. */
      clientCertificate: z.strictObject({ mode: z.enum(['Off', 'Request', 'Require']), trust: name.nullable() }),
    })
    .nullable(),
  /** `Refuse`: a rule with any provider but anonymous answers 500 `config-invalid` here; meaningless with HTTPS (M6). */
  plaintextCredentials: z.enum(['Refuse', 'Allow']),
  /** Peers whose X-Forwarded-For is believed. */
  trustedCIDRs: z.array(cidr).max(64),
})

/** A server certificate: PEM chain, leaf first, and PEM private key. Secret. */
export const certificate = z.strictObject({ chain: z.string().max(65536), privateKey: z.string().max(16384) })

/** PEM certificates that a peer's chain may end in. Empty trusts nobody. */
export const trust = z.strictObject({ anchors: z.array(z.string().max(16384)).max(64) })

/** A JSON Web Key with public members only; which members is RFC 7518's matter and the data plane's check. */
export const publicJwk = z.record(
  z.string().max(64),
  z.union([z.string().max(8192), z.array(z.string().max(8192)).max(8), z.boolean()]),
)

/** Keys that verify JWTs. */
export const keySet = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Inline'), keys: z.array(publicJwk).max(64) }),
  z.strictObject({
    type: z.literal('Remote'),
    uri: z.string().max(2048),
    /** Which addresses the host may resolve to (M13). */
    addresses: z.enum(['Public', 'Private']),
    /** A `trust` resource in place of the system's certificate authorities; null = the system's. */
    trust: name.nullable(),
  }),
])

/** API keys by client id; only hashes. */
export const credentials = z.strictObject({
  clients: z
    .array(
      z.strictObject({
        id: name,
        /** `sha256:` and 64 lower-case hex digits of the key's UTF-8 bytes. */
        keyHash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        /** Milliseconds since the epoch; null = no bound. */
        notBefore: z.int().nullable(),
        expiresAt: z.int().nullable(),
        roles: z.array(text).max(64),
        scopes: z.array(text).max(64),
        tenant: text.nullable(),
      }),
    )
    .max(10000),
})

/** Ready addresses of an upstream. Empty = 503 `no-endpoint`. */
export const endpoints = z.strictObject({
  addresses: z.array(z.strictObject({ address: z.string().min(1).max(64), port })).max(5000),
})

/** Where requests go: a Service port. Its addresses lie in the `endpoints` resource of the same name. */
export const upstream = z.strictObject({
  namespace: z.string().min(1).max(63),
  service: z.string().min(1).max(253),
  port,
  protocol: z.literal('HTTP1'),
  /** True for a development target given by hand, which may be on loopback (M13). */
  exemptFromAddressRules: z.boolean(),
})

export const pathMatch = z.strictObject({ type: z.enum(['Exact', 'PathPrefix']), value: z.string().min(1).max(1024) })
export type PathMatch = z.infer<typeof pathMatch>

/** Upper-case method names; null = any. GET covers HEAD. */
const methods = z.array(z.string().min(1).max(32)).min(1).max(16).nullable()

const headerCredential = z.strictObject({
  /** Lower-case header name. */
  header: name,
  /** What precedes the credential, such as `Bearer `; compared without case (RFC 9110 11.1); may be empty. */
  prefix: z.string().max(64),
})

const claimPath = z.array(z.string().min(1).max(128)).min(1).max(8)

const jwtMethod = z.strictObject({
  type: z.literal('Jwt'),
  issuer: text,
  audiences: z.array(text).min(1).max(16),
  algorithms: z.array(z.string().max(16)).min(1).max(16),
  /** Names a `keySet` resource. */
  keySet: name,
  from: z.array(headerCredential).min(1).max(8),
  requiredTyp: text.nullable(),
  clockSkew: milliseconds,
  map: z.strictObject({ roles: claimPath.nullable(), scopes: claimPath.nullable(), tenant: claimPath.nullable() }),
})

const apiKeyMethod = z.strictObject({
  type: z.literal('ApiKey'),
  from: z.array(headerCredential).min(1).max(8),
  /** Names a `credentials` resource. */
  credentials: name,
})

const mtlsMethod = z.strictObject({
  type: z.literal('Mtls'),
  /** `*` stands for one path segment (URI) or one label (DNS). */
  subjectAltNames: z
    .array(z.strictObject({ type: z.enum(['URI', 'DNS']), pattern: text }))
    .min(1)
    .max(32),
  /** A `trust` resource that the verified chain must end in; null = any anchor of the listener (M11). */
  trust: name.nullable(),
})

const anonymousMethod = z.strictObject({ type: z.literal('Anonymous') })

/** What a provider may say of a principal at most: exact values or `*`; an empty list lets nothing through. */
const asserts = z.strictObject({ roles: z.array(text).max(256), tenants: z.array(text).max(256) })

export const provider = z.strictObject({
  name,
  asserts,
  method: z.discriminatedUnion('type', [jwtMethod, apiKeyMethod, mtlsMethod, anonymousMethod]),
  /** True when a part of it is missing or wrong: what it claims is answered 500 `config-invalid` (M7). */
  broken: z.boolean(),
})
export type Provider = z.infer<typeof provider>

const values = z.array(text).min(1).max(64)
const quantified = z.union([z.strictObject({ anyOf: values }), z.strictObject({ allOf: values })])

export const principalCondition = z.discriminatedUnion('attribute', [
  z.strictObject({ attribute: z.enum(['Role', 'Scope', 'Tenant', 'Provider']), values: quantified }),
  z.strictObject({ attribute: z.literal('Claim'), path: claimPath, values: quantified }),
  z.strictObject({ attribute: z.enum(['Authenticated', 'Anyone']) }),
])
export type PrincipalCondition = z.infer<typeof principalCondition>

export const authorizationRule = z.strictObject({
  name,
  action: z.enum(['Deny', 'Require', 'Allow']),
  methods,
  /** null = any path. */
  paths: z.array(pathMatch).min(1).max(16).nullable(),
  /** All must hold. Empty = no condition (Deny and Require only). */
  principal: z.array(principalCondition).max(8),
  /** A broken Deny or Require refuses what its methods and paths match; a broken Allow never matches (M7). */
  broken: z.boolean(),
})
export type AuthorizationRule = z.infer<typeof authorizationRule>

export const quotaKey = z.enum(['IP', 'Principal', 'APIKey', 'Tenant', 'Route'])

export const quota = z.strictObject({
  name,
  keys: z.array(quotaKey).min(1).max(5),
  algorithm: z.literal('TokenBucket'),
  scope: z.literal('Replica'),
  /** Each is a bucket of `burst` tokens refilled by `limit` a `window`; all must have a token. */
  rates: z
    .array(z.strictObject({ limit: z.int().min(1), window: milliseconds.min(1), burst: z.int().min(1) }))
    .min(1)
    .max(4),
  /** A broken quota refuses all that its policy covers (M7). */
  broken: z.boolean(),
})
export type Quota = z.infer<typeof quota>

export const identityHeader = z.strictObject({
  /** Lower case; one of the installation's identity headers. */
  name,
  from: z.discriminatedUnion('type', [
    z.strictObject({ type: z.enum(['Subject', 'Issuer', 'Roles', 'Scopes', 'Tenant', 'Provider']) }),
    z.strictObject({ type: z.literal('Claim'), path: claimPath }),
  ]),
})
export type IdentityHeader = z.infer<typeof identityHeader>

export const policy = z.strictObject({
  object: objectName,
  /** In the order written; empty = this policy sets no authentication. */
  providers: z.array(provider).max(16),
  rules: z.array(authorizationRule).max(64),
  quotas: z.array(quota).max(16),
  identityHeaders: z.array(identityHeader).max(16),
})

/**
 * How wide a policy's target is: 0 Gatehouse, 1 Namespace named by the installation, 2 Namespace, 3 GatewayRoute,
 * 4 rule. A check believes only principals of a provider whose level is at most its own (M5).
 */
export const level = z.int().min(0).max(4)

const attachment = z.strictObject({ policy: name, level })
export type Attachment = z.infer<typeof attachment>

export const access = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Refuse'), code: z.enum(['no-policy', 'config-invalid']) }),
  z.strictObject({
    type: z.literal('Enforce'),
    /** The policy whose providers are in force (narrowest wins). */
    authentication: attachment,
    /** The policy whose Allow rules decide (narrowest wins). */
    allow: attachment,
    /** The policy whose identity headers are written (narrowest wins); null = none. */
    identityHeaders: attachment.nullable(),
    /** Every policy in force, widest first: all their Deny and Require rules and quotas must pass. */
    policies: z.array(attachment).min(1).max(64),
  }),
])
export type Access = z.infer<typeof access>

export const backend = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Upstream'), weight: z.int().min(0).max(1000000), upstream: name }),
  /** A reference that cannot be resolved: its share of the requests is answered 500 `config-invalid`. */
  z.strictObject({ type: z.literal('Invalid'), weight: z.int().min(0).max(1000000) }),
])

export const action = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Forward'),
    backends: z.array(backend).min(1).max(16),
    /** Milliseconds; 0 = no limit of its own. `request` is never 0 when the installation has a bound. */
    timeouts: z.strictObject({
      request: timer,
      backendRequest: timer,
      connect: timer,
      idle: timer,
    }),
    breaker: z
      .strictObject({
        errorPercent: z.int().min(1).max(100),
        minRequests: z.int().min(1),
        window: timer.min(1),
        openFor: timer.min(1),
      })
      .nullable(),
  }),
  z.strictObject({ type: z.literal('Refuse'), code: z.literal('config-invalid') }),
])

export type Action = z.infer<typeof action>

export const ruleMatch = z.strictObject({
  path: pathMatch,
  methods,
  /** Lower-case names; all must be present with exactly this value. */
  headers: z.array(z.strictObject({ name, value: text })).max(16),
})
export type RuleMatch = z.infer<typeof ruleMatch>

export const rule = z.strictObject({ name, matches: z.array(ruleMatch).max(8), access, action })
export type Rule = z.infer<typeof rule>

export const route = z.strictObject({
  object: objectName,
  /** Creation time, milliseconds since the epoch: the older route wins a tie. */
  created: z.int(),
  /** Names of `listener` resources. */
  listeners: z.array(name).max(64),
  /** Lower case, exact or `*.` wildcard, already reduced to what the namespace may serve. */
  hostnames: z.array(z.string().min(1).max(253)).max(16),
  rules: z.array(rule).max(16),
  /**
   * True when a match of this route could not be understood. What would then fall through to another rule of this
   * namespace on these hostnames is answered 500 `config-invalid` (M7).
   */
  incomplete: z.boolean(),
})

/** Every kind of resource and the schema of its `spec`. */
export const resourceSpecs = {
  installation,
  listener,
  certificate,
  trust,
  keySet,
  credentials,
  endpoints,
  upstream,
  policy,
  route,
} as const

export type ResourceKind = keyof typeof resourceSpecs

/** Which kinds hold what must not be read by others: a last good snapshot keeps them apart, or leaves them out. */
const secrecy: { readonly [K in ResourceKind]: boolean } = {
  installation: false,
  listener: false,
  certificate: true,
  trust: false,
  keySet: false,
  credentials: true,
  endpoints: false,
  upstream: false,
  policy: false,
  route: false,
}

/** Whether resources of this kind are secret. One that is not known may be. */
export const isSecretKind = (kind: string): boolean => !Object.hasOwn(secrecy, kind) || secrecy[kind as ResourceKind]

export type ResourceSpec<K extends ResourceKind> = z.infer<(typeof resourceSpecs)[K]>

/** A resource of a known kind, parsed. */
export type Resource = { [K in ResourceKind]: { kind: K; name: string; spec: ResourceSpec<K> } }[ResourceKind]
