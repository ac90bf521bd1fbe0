/** What the cases of an AccessPolicy are made of. */

export const target = { group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'orders' }
export const targetRefs = [target]
export const inNamespace = { group: '', kind: 'Namespace', name: 'shop' }
export const bounds = {
  providers: 'Own',
  anonymous: 'Forbid',
  exemptions: [{ namespaces: ['docs'], hostnames: ['docs.shop.example', '*.docs.example'] }],
}
export const uri = 'https://idp.example/jwks'
export const jwt = { issuer: 'https://idp.example', audiences: ['orders'], algorithms: ['ES256'], jwks: { uri } }
export const apiKey = {
  from: [{ header: 'x-api-key' }],
  secretSelector: { matchLabels: { 'gatehouse.dev/api-keys': 'orders' } },
}
export const introspection = {
  url: 'https://idp.example/introspect',
  clientSecretRef: { name: 'idp' },
  issuer: 'https://idp.example',
  audiences: ['orders'],
}
export const mtls = { subjectAltNames: [{ type: 'URI', pattern: 'spiffe://cluster.local/ns/*/sa/*' }] }

export const provided = (...anyOf: readonly object[]) => ({ targetRefs, authentication: { anyOf } })
export const byJwt = (more: object) => provided({ name: 'staff', jwt: { ...jwt, ...more } })
export const byIntrospection = (more: object) =>
  provided({ name: 'opaque', introspection: { ...introspection, ...more } })
export const failureThrottle = { limit: 10, window: '1m', blockFor: '5m' }
export const throttled = (more: object) => ({
  targetRefs,
  authentication: { anyOf: [{ name: 'staff', jwt }], failureThrottle: { ...failureThrottle, ...more } },
})
export const ruled = (...rules: readonly object[]) => ({ targetRefs, authorization: { rules } })
export const admin = { attribute: 'Role', anyOf: ['admin'] }
export const allow = { name: 'read', action: 'Allow', methods: ['GET'], principal: [admin] }
export const deny = { name: 'no', action: 'Deny' }
export const holding = (...principal: readonly object[]) => ruled({ ...allow, principal })
export const rate = { limit: 100, window: '1s' }
export const burst = {
  name: 'burst',
  keys: [{ type: 'IP' }],
  algorithm: 'TokenBucket',
  rates: [rate],
  scope: 'Replica',
}
export const limited = (more: object) => ({ targetRefs, quotas: [{ ...burst, ...more }] })
export const running = (more: object) => ({ targetRefs, concurrency: { keys: [{ type: 'IP' }], limit: 1, ...more } })
export const telling = (...identityHeaders: readonly object[]) => ({ targetRefs, forward: { identityHeaders } })
export const subject = { name: 'x-user', from: 'Subject' }
export const fromAddresses = (sourceIPs: object) => ({ targetRefs, sourceIPs })
export const denying = (denyList: object) => ({ targetRefs, denyList })
export const denied = (unless: object, more: object = {}) => ruled({ ...deny, unless, ...more })
