import type { Provider } from '@gatehouse/contract'

/** Who may be somebody in the shop under attack. */

export const issuer = 'https://idp.example/realms/shop'
export const audience = 'orders'

const tokens: Extract<Provider['method'], { type: 'Jwt' }> = {
  type: 'Jwt',
  issuer,
  audiences: [audience],
  algorithms: ['RS256', 'ES256'],
  keySet: 'shop/idp',
  from: [{ header: 'authorization', prefix: 'Bearer ' }],
  requiredTyp: 'at+jwt',
  clockSkew: 0,
  maxTokenAge: null,
  replay: null,
  map: { roles: ['roles'], scopes: ['scope'], groups: null, tenant: ['tid'], plan: null, trustLevel: null },
}

export const staff: Provider = {
  name: 'staff',
  asserts: { roles: ['admin', 'reader'], groups: [], tenants: ['acme'], plans: [] },
  method: tokens,
  broken: false,
}

export const partners: Provider = {
  name: 'partners',
  asserts: { roles: ['admin', 'reader'], groups: [], tenants: ['acme'], plans: ['gold'] },
  method: { type: 'ApiKey', from: [{ header: 'x-api-key', prefix: '' }], credentials: 'shop/partners' },
  broken: false,
}

/** For browsers and for callers that can set no header. */
export const visitors: Provider = {
  ...staff,
  name: 'visitors',
  method: {
    ...tokens,
    from: [
      { header: 'authorization', prefix: 'Bearer ' },
      { cookie: 'session', allowedOrigins: ['https://shop.example'] },
      { query: 'access_token' },
    ],
  },
}

export const widgets: Provider = {
  ...partners,
  name: 'widgets',
  method: {
    type: 'ApiKey',
    from: [{ query: 'key' }, { cookie: 'key', allowedOrigins: [] }],
    credentials: 'shop/partners',
  },
}

/** Each of its tokens counts once. */
export const tickets: Provider = {
  ...staff,
  name: 'tickets',
  method: { ...tokens, replay: { claim: 'jti', scope: 'Replica' } },
}

/** Its tokens are good for a minute, whatever they say of their end. */
export const young: Provider = { ...staff, name: 'young', method: { ...tokens, maxTokenAge: 60_000 } }

export const workloads: Provider = {
  name: 'workloads',
  asserts: { roles: [], groups: [], tenants: [], plans: [] },
  method: {
    type: 'Mtls',
    subjectAltNames: [{ type: 'URI', pattern: 'spiffe://cluster.local/ns/*/sa/*' }],
    trust: 'shop/workload-ca',
  },
  broken: false,
}

/** Names of every type, of any authority of the listener. */
export const named: Provider = {
  ...workloads,
  name: 'named',
  method: {
    type: 'Mtls',
    subjectAltNames: [
      { type: 'URI', pattern: 'spiffe://cluster.local/ns/*/sa/*' },
      { type: 'DNS', pattern: '*.mesh.example' },
      { type: 'DNS', pattern: 'one.exact.example' },
      { type: 'Email', pattern: '*@shop.example' },
      { type: 'IP', pattern: '192.0.2.0/24' },
    ],
    trust: null,
  },
}

export const anonymous: Provider = {
  name: 'public',
  asserts: { roles: [], groups: [], tenants: [], plans: [] },
  method: { type: 'Anonymous' },
  broken: false,
}
