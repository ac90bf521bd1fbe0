import { expect } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { compiled } from '../support/compiled.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'
import type { LogLine } from '../support/logs.ts'
import { sendRaw } from '../support/raw.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'

/** A platform with policies for all, and tenants that try what they can with policies of their own. */

export const platformIssuer = 'https://idp.example'
const system = 'gatehouse-system'

/** What came of one request. */
export interface Asked {
  readonly status: number
  readonly line: LogLine
  /** How many requests reached the backend. */
  readonly reached: number
  /** The headers with which they got there: names and values, in turn. */
  readonly seen: readonly string[]
}

export interface TenantsShop {
  /** Signs as the platform does. */
  readonly idp: Issuer
  /** Signs with the tenant's keys under the platform's name, and under the tenant's own. */
  readonly stolen: Issuer
  readonly own: Issuer
  /** Asks the first host of a route. @param token - null = no credential */
  ask(host: string, token: string | null): Promise<Asked>
  close(): Promise<void>
}

const object = (kind: string, namespace: string, name: string, spec: object): object => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { namespace, name },
  spec,
})

const route = (namespace: string, name: string, ...others: string[]): object =>
  object('GatewayRoute', namespace, name, {
    hostnames: [`${name}.${namespace}.example`, ...others],
    rules: [{ name: 'all', backendRefs: [{ name: 'web', port: 80 }] }],
  })

const onRoute = (name: string) => ({ group: 'gatehouse.dev', kind: 'GatewayRoute', name })
const onNamespace = (name: string) => ({ group: '', kind: 'Namespace', name })
const onGatehouse = { group: 'gatehouse.dev', kind: 'Gatehouse', name: 'edge' }

const policy = (namespace: string, name: string, targetRefs: readonly object[], spec: object): object =>
  object('AccessPolicy', namespace, name, { targetRefs, ...spec })

const provider = (name: string, { issuer, jwks }: Issuer): object => ({
  name,
  asserts: { roles: ['*'], tenants: ['*'] },
  jwt: { issuer, audiences: ['web'], algorithms: ['RS256'], jwks: { inline: jwks }, map: { roles: ['roles'] } },
})

const anonymous = { name: 'public', anonymous: {} }
const allow = (attribute: string): object => ({
  rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute }] }],
})

/** What a tenant lets in when it can. */
const open = (...anyOf: readonly object[]): object => ({
  authentication: { anyOf },
  authorization: allow('Anyone'),
})

/** Lets the backend have the caller's credential. */
const onward = { credential: 'Forward' }

const platform = ({ idp }: Pick<TenantsShop, 'idp'>): readonly object[] => [
  object('Gatehouse', system, 'edge', {
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
  }),
  policy(system, 'platform', [onGatehouse], {
    authentication: {
      bounds: {
        providers: 'Any',
        anonymous: 'Forbid',
        exemptions: [{ namespaces: ['docs'], hostnames: ['exempt.docs.example'] }],
      },
      anyOf: [provider('staff', idp)],
    },
    authorization: allow('Authenticated'),
  }),
  policy(system, 'admins', [onNamespace('evil')], {
    authorization: {
      rules: [{ name: 'admins', action: 'Require', principal: [{ attribute: 'Role', anyOf: ['admin'] }] }],
    },
  }),
  policy(system, 'closed', [onNamespace('bound')], { authentication: { use: ['staff'] } }),
  policy(system, 'kept', [onNamespace('kept')], { forward: { credential: 'Strip' } }),
]

const tenants = ({ stolen, own }: Pick<TenantsShop, 'stolen' | 'own'>): readonly object[] => [
  ...['open', 'stolen', 'own', 'used', 'named'].map((name) => route('evil', name)),
  policy('evil', 'open', [onRoute('open')], open(anonymous)),
  policy('evil', 'stolen', [onRoute('stolen')], open(provider('mine', stolen))),
  policy('evil', 'own', [onRoute('own')], open(provider('mine', own))),
  policy('evil', 'used', [onRoute('used')], {
    authentication: { use: ['staff'], anyOf: [provider('mine', own)] },
    authorization: allow('Anyone'),
    forward: onward,
  }),
  policy('evil', 'named', [onRoute('named')], open(provider('staff', own))),
  policy('evil', 'grasping', [onGatehouse, onNamespace('honest'), onNamespace('bound')], {
    ...open(anonymous),
    quotas: [
      {
        name: 'starve',
        keys: [{ type: 'Route' }],
        algorithm: 'TokenBucket',
        scope: 'Replica',
        rates: [{ limit: 1, window: '9h' }],
      },
    ],
  }),
  object('AccessPolicy', 'evil', 'broken', { targetRefs: [onGatehouse, onNamespace('honest')], mode: 'Broken' }),
  route('honest', 'web'),
  route('bound', 'own'),
  policy('bound', 'own', [onRoute('own')], open(provider('mine', own))),
  ...['kept', 'sent'].flatMap((namespace) => [
    route(namespace, 'own'),
    policy(namespace, 'own', [onRoute('own')], { ...open(provider('mine', own)), forward: onward }),
  ]),
  route('docs', 'exempt'),
  route('docs', 'partly', 'exempt.docs.example.partly.docs.example'),
  policy('docs', 'open', [onNamespace('docs')], open(anonymous)),
]

export async function startTenantsShop(): Promise<TenantsShop> {
  const [backend, idp, stolen, own]: readonly [Backend, Issuer, Issuer, Issuer] = await Promise.all([
    startBackend(),
    createIssuer({ issuer: platformIssuer }),
    createIssuer({ issuer: platformIssuer }),
    createIssuer({ issuer: 'https://evil.example' }),
  ])
  const documents = [...platform({ idp }), ...tenants({ stolen, own })]
  const { resources } = compiled(documents.map((one) => JSON.stringify(one)).join('\n---\n'), {
    upstreams: Object.fromEntries(
      ['evil', 'honest', 'bound', 'docs', 'kept', 'sent'].map((name) => [`${name}/web`, backend]),
    ),
  })
  const served = await startServedDataplane(resources, attackedEntry)
  return {
    idp,
    stolen,
    own,
    ask: (host, token) => asked(served, backend, host, token),
    close: async () => {
      await served.close()
      await backend.close()
    },
  }
}

async function asked(
  { process }: ServedDataplane,
  backend: Backend,
  host: string,
  token: string | null,
): Promise<Asked> {
  const before = backend.requests.length
  const credential = token === null ? [] : [`Authorization: Bearer ${token}`]
  const bytes = ['GET / HTTP/1.1', `Host: ${host}`, ...credential].join('\r\n')
  const { responses } = await sendRaw(await process.listener('http'), `${bytes}\r\n\r\n`, { responses: 1 })
  const [response] = responses
  expect(response).toBeDefined()
  const id = response!.headers.get('x-request-id')![0]!
  const line = await process.lines.first((one) => one['requestId'] === id)
  const arrived = backend.requests.slice(before)
  const seen = arrived.flatMap(({ rawHeaders }) => rawHeaders)
  return { status: response!.status, line, reached: arrived.length, seen }
}
