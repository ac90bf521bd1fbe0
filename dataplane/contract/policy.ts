import { z } from 'zod'
import { anomaly } from './anomaly.ts'
import { authorizationRule } from './authorization.ts'
import { claimPath, name, objectName } from './common.ts'
import { concurrency } from './concurrency.ts'
import { cors } from './cors.ts'
import { failureThrottle } from './failureThrottle.ts'
import { provider } from './provider.ts'
import { quota } from './quota.ts'
import { securityHeader } from './securityHeader.ts'
import { listReference } from './whose.ts'
import { validation } from './validation.ts'
import { sourceIPs } from './sourceIPs.ts'

export const identityHeader = z.strictObject({
  /** Lower case; one of the installation's identity headers. */
  name,
  from: z.discriminatedUnion('type', [
    z.strictObject({ type: z.enum(['Subject', 'Issuer', 'Roles', 'Scopes', 'Groups', 'Tenant', 'Plan', 'Provider']) }),
    z.strictObject({ type: z.literal('Claim'), path: claimPath }),
  ]),
})
export type IdentityHeader = z.infer<typeof identityHeader>

export const policy = z.strictObject({
  object: objectName,
  /** In the order written; empty = this policy sets no authentication. */
  providers: z.array(provider).max(16),
  /** null = failures block nobody. */
  failureThrottle: failureThrottle.nullable(),
  /** Names a `revocations` resource; null = none. `broken`: nobody knows who is revoked, so no caller is believed (M7). */
  revocations: listReference.nullable(),
  rules: z.array(authorizationRule).max(64),
  sourceIPs: sourceIPs.nullable(),
  /** Names a `denyList` resource; null = none. `broken`: all that the policy covers is refused (M7). */
  denyList: listReference.nullable(),
  quotas: z.array(quota).max(16),
  /** null = any number of requests may run at once. */
  concurrency: concurrency.nullable(),
  /** null = nobody looks for spikes. */
  anomaly: anomaly.nullable(),
  /** null = the form of requests is not looked at. */
  validation: validation.nullable(),
  identityHeaders: z.array(identityHeader).max(16),
  /** Whether a verified credential goes on to the backend; null = the policy does not say. */
  credential: z.enum(['Strip', 'Forward']).nullable(),
  /** Lower-case names of the request headers that reach the backend; null = the policy does not say. */
  requestHeaders: z.array(name).max(64).nullable(),
  /** null = the policy does not say. */
  cors: cors.nullable(),
  securityHeaders: z.array(securityHeader).max(16),
  /**
   * What holds only in the second evaluation (M9): all rules in the order written, in place of `rules`, and quotas beside
   * `quotas`. null = nothing.
   */
  shadow: z.strictObject({ rules: z.array(authorizationRule).max(64), quotas: z.array(quota).max(16) }).nullable(),
})
