import { z } from 'zod'
import { cidr } from './common.ts'
import { set } from './lists.ts'
import { ruled } from './rule.ts'

const ranges = (description: string) => set(cidr, { min: 0, max: 256 }, description).optional()

export const sourceIPs = ruled(
  z
    .strictObject({
      allow: ranges('Only clients with an address in one of these may call. Empty or absent = any.'),
      deny: ranges('Clients with an address in one of these may not call, whatever else holds. Absent = none.'),
    })
    .describe(
      'Which client addresses may call at all; looked at before quotas and credentials. Those of all policies of all levels must pass. Absent = any.',
    ),
  {
    rule: '(has(self.allow) && size(self.allow) > 0) || (has(self.deny) && size(self.deny) > 0)',
    message: 'sourceIPs needs at least one range',
    holds: (self) => (self.allow ?? []).length > 0 || (self.deny ?? []).length > 0,
  },
)
