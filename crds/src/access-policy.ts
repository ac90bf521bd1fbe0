import { z } from 'zod'
import { authentication } from './authentication.ts'
import { authorization } from './authorization.ts'
import { forward } from './forward.ts'
import { listMap } from './lists.ts'
import { mustPass, own } from './merge.ts'
import { mode } from './mode.ts'
import { quota } from './quota.ts'
import { ruled } from './rule.ts'
import { sourceIPs } from './source-ips.ts'
import { targetRefs } from './target-ref.ts'

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
      quotas: mustPass(
        listMap(
          quota,
          ['name'],
          { min: 1, max: 16 },
          'Limits on how often callers may call; all must pass. Absent = no limit.',
        ),
      ).optional(),
      forward: forward.optional(),
    })
    .describe('Who may do what, and how much.'),
  {
    rule: 'has(self.authentication) || has(self.authorization) || has(self.sourceIPs) || has(self.quotas) || has(self.forward)',
    message: 'a policy needs at least one of authentication, authorization, sourceIPs, quotas and forward',
    holds: (self) =>
      self.authentication !== undefined ||
      self.authorization !== undefined ||
      self.sourceIPs !== undefined ||
      self.quotas !== undefined ||
      self.forward !== undefined,
  },
)

export type AccessPolicySpec = z.output<typeof accessPolicySpec>
export type AccessPolicySpecInput = z.input<typeof accessPolicySpec>
