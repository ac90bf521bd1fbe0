import { generateKeyPairSync } from 'node:crypto'
import type { BackendAuth, Cors, Provider, Resource, ResourceSpec } from '@gatehouse/contract'
import { authorizationRule as rule } from '../support/resources.ts'

/** The key that signs requests to the shop's backends. */
export const tokenKey = generateKeyPairSync('ed25519')

/** A value that only backends may see. */
export const backendSecret = 'Basic c2hvcDpwbGFudGVkLXNlY3JldA=='

/** With what the gateway proves itself to the backends below {@link provenPaths}. */
export const backendProofs: readonly Resource[] = [
  {
    kind: 'tokenKeys',
    name: 'tokens',
    spec: {
      issuer: 'urn:gatehouse:system:edge',
      keys: [
        { kid: 'k1', from: 0, privateKey: tokenKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
      ],
    },
  },
  { kind: 'backendHeader', name: 'shop/backend-header/legacy', spec: { name: 'authorization', value: backendSecret } },
  { kind: 'backendHeader', name: 'shop/backend-header/named', spec: { name: 'x-legacy-key', value: backendSecret } },
]

/** How the gateway proves itself, by path. */
export const provenPaths: Readonly<Record<string, BackendAuth>> = {
  signed: { type: 'SignedToken', audience: 'shop/orders' },
  keyed: { type: 'Header', header: 'shop/backend-header/legacy' },
  'keyed-by-name': { type: 'Header', header: 'shop/backend-header/named' },
  'keyed-by-nothing': { type: 'Header', header: 'shop/backend-header/gone' },
}

/** The part of the shop whose answers are worth attacking: each policy guards the path of its name. */

export const page = 'https://shop.example'

const cors = (over: Partial<Cors> = {}): Cors => ({
  allowOrigins: [page, 'https://*.shop.example'],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['authorization', 'x-version'],
  exposeHeaders: [],
  allowCredentials: true,
  maxAge: 600_000,
  ...over,
})

/** The shop's providers: of tokens, of keys, and one that lets everybody in. */
export interface AnswerProviders {
  readonly staff: Provider
  readonly partners: Provider
  readonly anonymous: Provider
}

export function answerPolicies({
  staff,
  partners,
  anonymous,
}: AnswerProviders): Readonly<Record<string, Partial<ResourceSpec<'policy'>>>> {
  const authenticated = rule('authenticated', 'Allow', { principal: [{ attribute: 'Authenticated' }] })
  const anyone = rule('anyone', 'Allow', { principal: [{ attribute: 'Anyone' }] })
  return {
    shared: {
      providers: [staff],
      rules: [rule('no-options', 'Deny', { methods: ['OPTIONS'] }), authenticated],
      cors: cors(),
    },
    'shared-by-all': {
      providers: [anonymous],
      rules: [anyone],
      cors: cors({ allowOrigins: ['*'], allowMethods: null, allowHeaders: null, allowCredentials: false }),
    },
    'shared-but-broken': {
      providers: [anonymous],
      rules: [rule('broken', 'Deny', { methods: ['PUT'], broken: true }), anyone],
      cors: cors(),
    },
    'credential-kept': { providers: [staff], rules: [authenticated] },
    'few-headers': {
      providers: [staff, partners],
      rules: [authenticated],
      identityHeaders: [{ name: 'x-gatehouse-subject', from: { type: 'Subject' } }],
      requestHeaders: ['accept', 'x-tag', 'x-forwarded-for', 'x-gatehouse-subject', 'host', 'te', 'x-api-key'],
    },
    'credential-forwarded': { providers: [staff, partners], rules: [authenticated], credential: 'Forward' },
    secured: {
      providers: [staff],
      rules: [authenticated],
      securityHeaders: [
        { name: 'strict-transport-security', value: 'max-age=31536000' },
        { name: 'x-frame-options', value: 'DENY' },
        { name: 'permissions-policy', value: 'camera=()' },
      ],
    },
  }
}
