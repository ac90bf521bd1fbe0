import { fullCors, fullSecurityHeaders } from './answers.ts'
import { fullAnomaly } from './anomaly.ts'
import {
  inNamespace,
  target,
  jwt,
  apiKey,
  failureThrottle,
  introspection,
  bounds,
  mtls,
  allow,
  deny,
  subject,
} from './policy-parts.ts'
import { fullQuotas } from './quota.ts'
import { fullValidation } from './validation.ts'

/** A spec with every field. */
export const fullAccessPolicy = {
  targetRefs: [{ ...target, sectionName: 'orders' }, inNamespace],
  mode: 'Enforce',
  authentication: {
    bounds,
    use: ['platform'],
    anyOf: [
      {
        name: 'staff',
        asserts: { tenants: ['*'], roles: ['*'], groups: ['*'], plans: ['*'] },
        jwt: {
          ...jwt,
          from: [
            { header: 'authorization', prefix: 'Bearer ' },
            { cookie: 'session', allowedOrigins: ['https://shop.example'] },
            { query: 'access_token' },
          ],
          requiredTyp: 'at+jwt',
          clockSkew: '30s',
          maxTokenAge: '12h',
          replay: { claim: 'jti', scope: 'Replica' },
          map: {
            roles: ['roles'],
            scopes: ['scope'],
            groups: ['groups'],
            tenant: ['tid'],
            plan: ['plan'],
            trustLevel: { claim: ['acr'], values: { silver: 1 } },
          },
        },
      },
      { name: 'inline', jwt: { ...jwt, jwks: { inline: '{"keys":[]}' } } },
      { name: 'mapped', jwt: { ...jwt, jwks: { configMapRef: { namespace: 'keys', name: 'keys', key: 'set' } } } },
      {
        name: 'partners',
        apiKey: {
          ...apiKey,
          from: [
            { header: 'x-api-key', prefix: 'Key ' },
            { cookie: 'key', allowedOrigins: ['https://shop.example'] },
            { query: 'key' },
          ],
        },
      },
      {
        name: 'workloads',
        mtls: { ...mtls, caCertificateRefs: [{ group: '', kind: 'ConfigMap', namespace: 'keys', name: 'ca' }] },
      },
      { name: 'public', anonymous: {} },
      {
        name: 'opaque',
        introspection: {
          ...introspection,
          clientSecretRef: { group: '', kind: 'Secret', name: 'idp' },
          from: [
            { header: 'x-token', prefix: 'Token ' },
            { cookie: 'token', allowedOrigins: ['https://shop.example'] },
          ],
          map: {
            roles: ['roles'],
            scopes: ['scope'],
            groups: ['groups'],
            tenant: ['tid'],
            plan: ['plan'],
            trustLevel: { claim: ['acr'], values: { silver: 1 } },
          },
          cacheTTL: '1m',
          negativeTTL: '10s',
          timeout: '500ms',
          maxInFlight: 10,
        },
      },
    ],
    failureThrottle: { ...failureThrottle, perProvider: failureThrottle },
    revocations: { configMapRef: { name: 'revoked', key: 'list' } },
  },
  authorization: {
    rules: [
      {
        ...deny,
        mode: 'Enforce',
        methods: ['DELETE'],
        paths: [{ type: 'PathPrefix', value: '/orders' }],
        principal: [
          { attribute: 'Scope', allOf: ['a'] },
          { attribute: 'Claim', path: ['team'], anyOf: ['b'] },
          { attribute: 'TrustLevel', min: 2 },
          { attribute: 'ClientCertificate', subjectAltNames: mtls.subjectAltNames },
        ],
        expression: "request.host == 'a'",
        unless: {
          sourceCIDRs: ['203.0.113.0/24'],
          principal: [{ attribute: 'Authenticated' }],
          expression: 'has(principal.tenant)',
        },
      },
      { name: 'staff', action: 'Require', principal: [{ attribute: 'Authenticated' }] },
      allow,
    ],
  },
  cors: fullCors,
  securityHeaders: fullSecurityHeaders,
  sourceIPs: { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] },
  denyList: { configMapRef: { name: 'denied', key: 'list' } },
  anomaly: fullAnomaly,
  quotas: fullQuotas,
  concurrency: { keys: [{ type: 'Tenant' }], limit: 50 },
  validation: fullValidation,
  forward: {
    identityHeaders: [subject, { name: 'x-team', from: 'Claim', path: ['team'] }],
    credential: 'Strip',
    requestHeaders: { allow: ['accept'] },
  },
}
