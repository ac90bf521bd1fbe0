import type { Provider } from '@gatehouse/contract'
import type { Issuer } from './issuer.ts'

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
