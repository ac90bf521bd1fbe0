import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { AuthorizationRule, Provider } from '@gatehouse/contract'
import { headerRules } from '../forward/headerRules.ts'
import type { ClientCertificate, RequestFacts } from '../gateway/facts.ts'
import type { KeySource } from '../state/keySource.ts'
import type { TokenCache, VerifiedToken } from '../state/tokenCache.ts'
import type { VerificationKey } from '../state/verificationKeys.ts'
import { noAttributes } from './attributes.ts'
import type { Credentials } from './claiming.ts'
import type { IntrospectionProvider } from './introspection.ts'
import type { JwtProvider } from './jwtProvider.ts'
import type { Principal } from './principal.ts'
import type { QuotaSubject } from './quotaKeys.ts'

/** Keys, tokens and callers for unit tests of the policy. */

/** The moment at which these tests stand; milliseconds since the epoch. */
export const noon = 1_700_000_000_000
const seconds = noon / 1000

export const principal = (over: Partial<Principal> = {}): Principal => ({
  id: '["shop/p/staff","https://idp","ada"]',
  provider: 'staff',
  providerObject: 'shop/p/staff',
  level: 3,
  issuer: 'https://idp',
  subject: 'ada',
  ...noAttributes,
  claims: {},
  token: null,
  clientId: null,
  expiresAt: null,
  ...over,
})

/** A key pair and what a key set says of its public half. */
export interface TestKey extends VerificationKey {
  readonly privateKey: KeyObject
}

let keys = 0

export function rsaKey(kid: string | null = 'rsa', algorithms: readonly string[] = ['RS256', 'PS256']): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { id: `key-${keys++}`, kid, algorithms, key: publicKey, privateKey }
}

export function ecKey(kid: string | null = 'ec'): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { id: `key-${keys++}`, kid, algorithms: ['ES256'], key: publicKey, privateKey }
}

/** Claims of a token that is good at {@link noon}. */
export const goodClaims = { iss: 'https://idp', aud: 'orders', sub: 'ada', exp: seconds + 60, iat: seconds - 60 }

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** Puts parts together as they are; texts are taken for JSON already written. */
export const assembled = (header: unknown, claims: unknown, signature: Buffer | string): string =>
  `${encode(header)}.${encode(claims)}.${Buffer.from(signature).toString('base64url')}`

/** A compact JWS by the header's `alg`. */
export function signed(key: TestKey, claims: unknown, header: Readonly<Record<string, unknown>> = {}): string {
  const full = { alg: key.algorithms[0], ...(key.kid === null ? {} : { kid: key.kid }), ...header }
  const input = `${encode(full)}.${encode(claims)}`
  const options = { key: key.privateKey, dsaEncoding: 'ieee-p1363' as const }
  return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`
}

/** A set that knows these keys and counts how often it is asked for more. */
export function keySource(
  known: readonly VerificationKey[],
): KeySource & { keys: readonly VerificationKey[]; renewed: number } {
  const source = {
    keys: known,
    renewed: 0,
    find: (kid: string | null, algorithm: string) =>
      source.keys.filter((key) => (kid === null || key.kid === kid) && key.algorithms.includes(algorithm)),
    has: (id: string) => source.keys.some((key) => key.id === id),
    renew: () => {
      source.renewed++
      return Promise.resolve()
    },
    unavailableFor: (): number | null => null,
  }
  return source
}

/** A cache without bounds. */
export function tokenCache(): TokenCache & { readonly entries: Map<string, VerifiedToken> } {
  const entries = new Map<string, VerifiedToken>()
  return {
    entries,
    get: (provider, digest, now) => {
      const entry = entries.get(provider + digest)
      return entry !== undefined && now < entry.expiresAt ? entry : null
    },
    set: (provider, digest, token) => void entries.set(provider + digest, token),
  }
}

type JwtMethod = Extract<Provider['method'], { type: 'Jwt' }>

export const jwtMethod = (over: Partial<JwtMethod> = {}): JwtMethod => ({
  type: 'Jwt',
  issuer: 'https://idp',
  audiences: ['orders'],
  algorithms: ['RS256', 'ES256'],
  keySet: 'shop/p/staff',
  from: [{ header: 'authorization', prefix: 'Bearer ' }],
  requiredTyp: null,
  clockSkew: 0,
  maxTokenAge: null,
  replay: null,
  map: {
    roles: ['roles'],
    scopes: ['scope'],
    groups: ['groups'],
    tenant: ['tid'],
    plan: ['plan'],
    trustLevel: { claim: ['acr'], values: { silver: 1, gold: 2 } },
  },
  ...over,
})

export const jwtProvider = (
  source: KeySource | null,
  method: Partial<JwtMethod> = {},
  over: Partial<JwtProvider> = {},
): JwtProvider => ({
  type: 'Jwt',
  name: 'staff',
  object: 'shop/p/staff',
  level: 3,
  hash: 'provider-hash',
  asserts: { roles: ['*'], groups: ['*'], tenants: ['*'], plans: ['*'] },
  method: jwtMethod(method),
  keys: source,
  cache: tokenCache(),
  ...over,
})

/** What claiming sees of a request that says nothing else. */
export const presenting = (
  headers: Readonly<Record<string, string | readonly string[]>>,
  over: Partial<Credentials> = {},
  clientCertificate: ClientCertificate | null = null,
): Credentials => ({
  method: 'GET',
  host: 'api.example',
  authority: 'api.example',
  query: '',
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
  connection: {
    listener: 'http',
    socket: 'HTTP 127.0.0.1 80',
    scheme: 'https',
    peerAddress: '192.0.2.1',
    announced: false,
    serverName: null,
    certificate: null,
    trustHash: null,
    clientCertificate,
  },
  ...over,
})

/** An installation in which only the gateway writes x-gatehouse-subject. */
export const ownHeaders = headerRules(['x-gatehouse-subject'])

export const requestFacts = (over: Partial<RequestFacts> = {}): RequestFacts => ({
  id: 'request-1',
  method: 'GET',
  host: 'api.example',
  authority: 'api.example',
  path: '/',
  query: '',
  rawHeaders: [],
  headers: new Map(),
  clientAddress: '192.0.2.1',
  forwardedFor: [],
  connection: {
    listener: 'http',
    socket: 'HTTP 127.0.0.1 80',
    scheme: 'https',
    peerAddress: '192.0.2.1',
    announced: false,
    serverName: null,
    clientCertificate: null,
    certificate: null,
    trustHash: null,
  },
  ...over,
})

/** What only expressions look at. */
export const unexpressed = {
  facts: requestFacts(),
  template: null,
  credentials: { headers: [], cookies: [], parameters: [] },
  expressions: null,
}

type IntrospectionMethod = IntrospectionProvider['method']

const introspectionMethod = (over: Partial<IntrospectionMethod> = {}): IntrospectionMethod => ({
  type: 'Introspection',
  url: 'https://idp/introspect',
  addresses: 'Public',
  trust: null,
  client: 'shop/introspection-clients/idp',
  issuer: 'https://idp',
  audiences: ['orders'],
  from: [{ header: 'authorization', prefix: 'Bearer ' }],
  map: { roles: ['roles'], scopes: ['scope'], groups: ['groups'], tenant: ['tid'], plan: ['plan'], trustLevel: null },
  cacheTTL: 30_000,
  negativeTTL: 5000,
  timeout: 1000,
  maxInFlight: 2,
  ...over,
})

export const introspectionProvider = (over: Partial<IntrospectionProvider> = {}): IntrospectionProvider => ({
  type: 'Introspection',
  name: 'opaque',
  object: 'shop/p/opaque',
  level: 3,
  asserts: { roles: ['*'], groups: ['*'], tenants: ['*'], plans: ['*'] },
  method: introspectionMethod(),
  introspector: null,
  ...over,
})

/** A rule called by its action, with these conditions. */
export const ruleOf = (
  action: AuthorizationRule['action'],
  over: Partial<AuthorizationRule> = {},
): AuthorizationRule => ({
  name: action,
  action,
  methods: null,
  paths: null,
  principal: [],
  expression: null,
  unless: null,
  broken: false,
  ...over,
})

/** A request as quotas and limits see it. */
export const quotaSubject = (over: Partial<QuotaSubject> = {}): QuotaSubject => ({
  method: 'GET',
  network: '192.0.2.1',
  route: 'shop/orders',
  headers: new Map(),
  principal: null,
  ...over,
})
