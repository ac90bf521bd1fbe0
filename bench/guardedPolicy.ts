import type { Provider, Resource } from '@gatehouse/contract'
import type { Issuer } from '../test/support/issuer.ts'
import { authorizationRule as rule, policyResource } from '../test/support/resources.ts'

/** Verifies RS256 tokens and believes their roles and tenant. */
export const staff = (issuer: Issuer): Provider => ({
  name: 'staff',
  asserts: { roles: ['*'], groups: [], tenants: ['*'], plans: [] },
  broken: false,
  method: {
    type: 'Jwt',
    issuer: issuer.issuer,
    audiences: ['orders'],
    algorithms: ['RS256'],
    keySet: 'shop/keys',
    from: [{ header: 'authorization', prefix: 'Bearer ' }],
    requiredTyp: null,
    clockSkew: 0,
    maxTokenAge: null,
    replay: null,
    map: { roles: ['roles'], scopes: null, groups: null, tenant: ['tid'], plan: null, trustLevel: null },
  },
})

/** Asks for an RS256 token, a tenant, a role and a token of a bucket of each principal. @param limit - a `window` of milliseconds */
export const guardedPolicy = (
  issuer: Issuer,
  { name, limit, window }: { readonly name: string; readonly limit: number; readonly window: number },
): Resource =>
  policyResource(
    {
      providers: [staff(issuer)],
      rules: [
        rule('own-tenant', 'Require', { principal: [{ attribute: 'Tenant', values: { anyOf: ['acme'] } }] }),
        rule('readers', 'Allow', {
          methods: ['GET'],
          principal: [{ attribute: 'Role', values: { anyOf: ['reader', 'admin'] } }],
        }),
      ],
      quotas: [
        {
          name: 'burst',
          keys: ['Principal'],
          algorithm: 'TokenBucket',
          scope: 'Replica',
          rates: [{ limit, window, burst: limit }],
          broken: false,
        },
      ],
    },
    name,
  )
