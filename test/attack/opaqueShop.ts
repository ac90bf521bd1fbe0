import { seal, type Provider, type Resource, type ResourceSpec } from '@gatehouse/contract'
import { expect } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import {
  startIntrospectionServer,
  saying,
  type Introspect,
  type IntrospectionServer,
} from '../support/introspectionServer.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'
import { clientWith } from '../support/keyHash.ts'
import type { LogLine } from '../support/logs.ts'
import { sendRaw } from '../support/raw.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { threeProviders } from '../support/threeProviders.ts'
import {
  addressesFrom,
  enforce,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { attackedEntry } from './attackedEntry.ts'

/** A shop whose tokens are opaque: an identity provider of the test's own is asked about them. */

type IntrospectionMethod = Extract<Provider['method'], { type: 'Introspection' }>
type PolicySpec = ResourceSpec<'policy'>

/** Nothing of it may ever be in a log, an answer or at the backend. */
const clientSecret = 'planted-s3cret+&= 7f3a'
export const apiKey = 'k-1f9c1bb2a0e34d3a8d0c7f1f5b7e9a11'
export const issuer = 'https://idp.example'
const keyIssuer = 'https://keys.example'

export interface OpaqueShop {
  readonly idp: IntrospectionServer
  readonly backend: Backend
  /** A JWT of the other provider. */
  jwt(claims?: { readonly [claim: string]: unknown }): Promise<string>
  /** Asks with these header lines. @returns status, code and the decision line */
  ask(...headers: string[]): Promise<Asked>
  apply(wishes: Wishes): Promise<void>
  /** Where requests go. */
  listener(): Promise<{ readonly address: string; readonly port: number }>
  /** Gives the provider other settings, and with them a new memory and a new circuit. */
  anew(method?: Wishes['method']): Promise<void>
  /** Text of `/metrics`. */
  metrics(): Promise<string>
  /** Every line that the process wrote, as text. */
  logs(): string
  close(): Promise<void>
}

export interface Asked {
  readonly status: number
  readonly code: string | null
  readonly retryAfter: string | undefined
  readonly line: LogLine
}

export interface Wishes {
  readonly method?: Partial<IntrospectionMethod>
  readonly policy?: Partial<PolicySpec>
  /** The list `shop/denied`, which a policy has to name. */
  readonly denied?: ResourceSpec<'denyList'>
}

const asserts = { roles: ['*'], groups: ['*'], tenants: ['*'], plans: ['*'] }

const map = { roles: ['roles'], scopes: ['scope'], groups: null, tenant: ['tid'], plan: null, trustLevel: null }

const providers = (idp: IntrospectionServer, method: Partial<IntrospectionMethod>): Provider[] =>
  threeProviders({ keyIssuer, asserts, map, introspection: { url: idp.url, issuer, ...method } })

function resourcesOf(
  { idp, backend, keys }: { idp: IntrospectionServer; backend: Backend; keys: Issuer },
  { method = {}, policy = {}, denied = { ranges: [], callers: [] } }: Wishes,
): Resource[] {
  const all = { name: 'all', action: 'Allow' as const, methods: null, paths: null, expression: null, unless: null }
  return [
    installationResource(),
    listenerResource({ clientAddress: addressesFrom('127.0.0.0/8') }),
    { kind: 'trust', name: 'shop/idp-ca', spec: { anchors: [idp.anchor] } },
    { kind: 'clientCredential', name: 'shop/idp', spec: { clientId: 'gate:house', clientSecret } },
    { kind: 'keySet', name: 'shop/staff', spec: { type: 'Inline', keys: [keys.jwk] } },
    { kind: 'credentials', name: 'shop/partners', spec: { clients: [clientWith(apiKey, { id: 'acme' })] } },
    { kind: 'denyList', name: 'shop/denied', spec: denied },
    policyResource(
      {
        object: { namespace: 'shop', name: 'orders' },
        providers: providers(idp, method),
        rules: [{ ...all, principal: [{ attribute: 'Authenticated' }], broken: false }],
        identityHeaders: [{ name: 'x-gatehouse-subject', from: { type: 'Subject' } }],
        ...policy,
      },
      'orders',
    ),
    ...upstreamResources('web', [backend]),
    routeResource([ruleTo('web', { access: enforce('orders') })]),
  ]
}

export async function startOpaqueShop(wishes: Wishes = {}): Promise<OpaqueShop> {
  const [idp, backend, keys] = await Promise.all([
    startIntrospectionServer(saying({ active: false })),
    startBackend(),
    createIssuer({ issuer: keyIssuer, kid: 'staff' }),
  ])
  const world = { idp, backend, keys }
  const sealed = (next: Wishes) => resourcesOf(world, next).map((one) => seal(one))
  const served = await startServedDataplane(sealed(wishes), attackedEntry)
  const apply = async (next: Wishes): Promise<void> => {
    expect(await served.controller.publish(sealed(next))).toMatchObject({ nack: null, refused: [] })
  }
  let variants = 0
  return {
    idp,
    backend,
    jwt: (claims = {}) => keys.sign({ sub: 'alice', aud: 'orders', ...claims }),
    ask: (...headers) => asked(served, headers),
    apply,
    listener: () => served.process.listener('http'),
    anew: (method = {}) => apply({ method: { audiences: ['orders', `variant-${variants++}`], ...method } }),
    metrics: async () => await (await fetch(`${await served.process.admin()}/metrics`)).text(),
    logs: () => served.process.lines.all.map((line) => JSON.stringify(line)).join('\n'),
    close: async () => {
      await served.close()
      await idp.close()
      await backend.close()
    },
  }
}

async function asked({ process }: ServedDataplane, headers: readonly string[]): Promise<Asked> {
  const bytes = ['GET /orders HTTP/1.1', 'Host: api.shop.example', ...headers].join('\r\n')
  const target = await process.listener('http')
  const { responses } = await sendRaw(target, `${bytes}\r\n\r\n`, { responses: 1, timeout: 20_000 })
  const response = responses[0]!
  const id = response.headers.get('x-request-id')![0]!
  const problem = response.headers.get('content-type')?.[0] === 'application/problem+json'
  const { type } = (problem ? JSON.parse(response.body.toString()) : {}) as { type?: string }
  return {
    status: response.status,
    code: type?.replace('urn:gatehouse:problem:', '') ?? null,
    retryAfter: response.headers.get('retry-after')?.[0],
    line: await process.lines.first((line) => line['requestId'] === id, 20_000),
  }
}

export const bearer = (token: string): string => `Authorization: Bearer ${token}`

export const seconds = (): number => Math.floor(Date.now() / 1000)

/** What is said of a good token. */
export const good = { active: true, sub: 'ada', aud: 'orders', iss: issuer }
export const refused = { status: 401, code: 'unauthenticated' }
export const unavailable = { status: 503, code: 'introspection-unavailable', retryAfter: '1' }

let tokens = 0
/** A token that was never asked about. */
export const fresh = (): string => `opaque-${tokens++}-${'x'.repeat(20)}`

/** Answers with these bytes. */
export const status =
  (code: number, headers: Record<string, string> = {}, body = JSON.stringify(good)): Introspect =>
  (_question, response) => {
    response.writeHead(code, headers).end(body)
  }
export const json = { 'content-type': 'application/json' }

/** No credential, neither a client's nor the gateway's own, is in any log or at the backend. */
export function expectNoSecrets({ logs, backend }: OpaqueShop): void {
  const text = logs()
  for (const secret of [clientSecret, encodeURIComponent(clientSecret), apiKey, 'opaque-', 'Basic ', 'eyJ']) {
    expect(text).not.toContain(secret)
  }
  for (const { rawHeaders, body } of backend.requests) {
    const sent = rawHeaders.join('\n') + body.toString()
    for (const secret of [clientSecret, apiKey, 'opaque-', 'Bearer', 'Basic ']) expect(sent).not.toContain(secret)
  }
}
