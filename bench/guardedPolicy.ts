import type { Resource } from '@gatehouse/contract'
import type { Issuer } from '../test/support/issuer.ts'
import { authorizationRule as rule, policyResource } from '../test/support/resources.ts'
import { quota } from '../test/support/quota.ts'
import { staff } from '../test/support/staff.ts'

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
      quotas: [quota(['Principal'], { rates: [{ limit, window, burst: limit }] })],
    },
    name,
  )
