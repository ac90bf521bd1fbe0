import type { Quota, Resource } from '@gatehouse/contract'
import type { Issuer } from '../test/support/issuer.ts'
import { authorizationRule as rule, policyResource } from '../test/support/resources.ts'
import { quota } from '../test/support/quota.ts'
import { staff } from '../test/support/staff.ts'

interface Bucket {
  /** Of the policy. */
  readonly name: string
  /** A `window` of milliseconds. */
  readonly limit: number
  readonly window: number
  /** How all data planes count it together; absent = each does for itself. */
  readonly shared?: NonNullable<Quota['shared']>
}

/** Asks for an RS256 token, a tenant, a role and a token of a bucket of each principal. */
export const guardedPolicy = (issuer: Issuer, { name, limit, window, shared }: Bucket): Resource =>
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
        quota(['Principal'], { rates: [{ limit, window, burst: limit }], ...(shared && { scope: 'Shared', shared }) }),
      ],
    },
    name,
  )
