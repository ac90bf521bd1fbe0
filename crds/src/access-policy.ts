import { z } from 'zod'
import { anomaly } from './anomaly.ts'
import { authentication } from './authentication.ts'
import { authorization } from './authorization.ts'
import { concurrency } from './concurrency.ts'
import { cors } from './cors.ts'
import { denyList } from './deny-list.ts'
import { forward } from './forward.ts'
import { listMap } from './lists.ts'
import { mustPass, narrowest, own } from './merge.ts'
import { mode } from './mode.ts'
import { quota } from './quota.ts'
import { ruled } from './rule.ts'
import { securityHeaders } from './security-headers.ts'
import { sourceIPs } from './source-ips.ts'
import { targetRefs } from './target-ref.ts'
import { validation } from './validation.ts'

/** What a policy can say; one that says none of it has no effect. */
const parts = [
  'authentication',
  'authorization',
  'sourceIPs',
  'denyList',
  'quotas',
  'concurrency',
  'anomaly',
  'validation',
  'cors',
  'securityHeaders',
  'forward',
] as const

export const accessPolicySpec = ruled(
  z
    .strictObject({
      targetRefs: own(targetRefs),
      mode: own(
        mode(
          'Enforce: the policy decides. Shadow: requests are decided as if it did not exist, and what it would have changed is recorded.',
        ).default('Enforce'),
      ),
      authentication: authentication.optional(),
      authorization: authorization.optional(),
      sourceIPs: mustPass(sourceIPs).optional(),
      denyList: denyList.optional(),
      quotas: mustPass(
        listMap(
          quota,
          ['name'],
          { min: 1, max: 16 },
          'Limits on how often callers may call; all must pass. Absent = no limit.',
        ),
      ).optional(),
      concurrency: mustPass(concurrency).optional(),
      anomaly: mustPass(anomaly).optional(),
      validation: validation.optional(),
      cors: narrowest(cors).optional(),
      securityHeaders: mustPass(securityHeaders).optional(),
      forward: forward.optional(),
    })
    .describe('Who may do what, how much, and in what form.'),
  {
    rule: parts.map((part) => `has(self.${part})`).join(' || '),
    message: 'a policy needs more than targetRefs',
    holds: (self) => parts.some((part) => self[part] !== undefined),
  },
)

export type AccessPolicySpec = z.output<typeof accessPolicySpec>
export type AccessPolicySpecInput = z.input<typeof accessPolicySpec>
