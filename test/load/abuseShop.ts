import type { Anomaly, Provider, Resource } from '@gatehouse/contract'
import type { Backend } from '../support/backend.ts'
import type { EventReceiver } from '../support/eventReceiver.ts'
import type { IntrospectionServer } from '../support/introspectionServer.ts'
import type { Issuer } from '../support/issuer.ts'
import { clientsOf } from '../support/keyHash.ts'
import { threeProviders } from '../support/threeProviders.ts'
import {
  addressesFrom,
  authorizationRule,
  enforce,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'

/** A shop that is guessed at, sprayed and used by a thief: its limits are what the proof expects. */

export const minute = 60_000

/** Wrong credentials of one address within a minute, and those among them that one provider claims. */
export const guesses = { address: 10, provider: 5 }
/** What a tenant's spike is, and what of it is let through each minute. */
export const tenantSpike = { ratio: 10, minRequests: 30, through: 10 }
/** When requests of the whole route are one. */
export const routeSpike = { ratio: 10, minRequests: 60 }

export const host = 'api.shop.example'
export const tenants = ['acme', 'other'] as const
export type Tenant = (typeof tenants)[number]

export interface Cast {
  readonly backend: Backend
  readonly idp: IntrospectionServer
  readonly issuer: Issuer
  readonly receiver: EventReceiver
}

const asserts = { roles: [], groups: [], tenants: ['*'], plans: [] }
const map = { roles: null, scopes: null, groups: null, tenant: ['tid'], plan: null, trustLevel: null }
const providers = ({ idp, issuer }: Cast): Provider[] =>
  threeProviders({
    keyIssuer: issuer.issuer,
    asserts,
    map,
    introspection: { url: idp.url, issuer: 'https://idp.example', timeout: 5000 },
  })

const watching = (
  over: Pick<Anomaly, 'keys' | 'ratio' | 'minRequests' | 'throttle'>,
  receiver: EventReceiver,
): Anomaly => ({
  baseline: 24 * 60 * minute,
  events: { type: 'Webhook', url: receiver.url, addresses: 'Public', trust: 'shop/analytics' },
  ...over,
})

/** @param denied - ranges of addresses that may not call */
export function abuseShop(cast: Cast, denied: readonly string[]): Resource[] {
  const { backend, idp, issuer, receiver } = cast
  const { through, ...spike } = tenantSpike
  const limits = { window: minute, blockFor: 5 * minute }
  const access = enforce('orders')
  return [
    installationResource(),
    listenerResource({ clientAddress: addressesFrom('127.0.0.0/8') }),
    { kind: 'trust', name: 'shop/idp-ca', spec: { anchors: [idp.anchor] } },
    { kind: 'trust', name: 'shop/analytics', spec: { anchors: [receiver.anchor] } },
    { kind: 'clientCredential', name: 'shop/idp', spec: { clientId: 'gatehouse', clientSecret: 'of-the-proof' } },
    { kind: 'keySet', name: 'shop/staff', spec: { type: 'Inline', keys: [issuer.jwk] } },
    { kind: 'credentials', name: 'shop/partners', spec: { clients: clientsOf(tenants) } },
    { kind: 'denyList', name: 'shop/denied', spec: { ranges: [...denied], callers: [] } },
    policyResource(
      {
        object: { namespace: 'shop', name: 'orders' },
        providers: providers(cast),
        rules: [authorizationRule('known', 'Allow', { principal: [{ attribute: 'Authenticated' }] })],
        failureThrottle: {
          ...limits,
          limit: guesses.address,
          perProvider: { ...limits, limit: guesses.provider },
        },
        denyList: { list: 'shop/denied', broken: false },
        anomaly: watching({ ...spike, keys: ['Tenant'], throttle: { limit: through, window: minute } }, receiver),
      },
      'orders',
    ),
    policyResource(
      {
        object: { namespace: 'shop', name: 'route' },
        providers: [],
        rules: [],
        anomaly: watching({ ...routeSpike, keys: ['Route'], throttle: null }, receiver),
      },
      'route',
    ),
    ...upstreamResources('web', [backend]),
    routeResource([
      ruleTo('web', {
        access:
          access.type === 'Enforce'
            ? { ...access, policies: [{ policy: 'shop/route', level: 2 }, ...access.policies] }
            : access,
      }),
    ]),
  ]
}
